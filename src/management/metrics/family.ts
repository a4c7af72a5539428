// A family of metrics, and how the client library reads one: names, help, and samples that are taken at the moment of the
// scrape. Knows the library's border; not what is measured.

/** Labels of a sample. */
export type Labels = Readonly<Record<string, string>>

/** One number. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
  /** Where it is not the family's: that of a histogram's bucket. */
  readonly metricName?: string
}

/** Numbers of one name. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly samples: readonly Sample[]
}

const NO_LABELS: Labels = {}

/** A family of one number. */
export function single(name: string, help: string, type: 'gauge' | 'counter', value: number): Family {
  return { name, help, type, samples: [{ labels: NO_LABELS, value }] }
}

/** A row of a table: a number that each object of a kind has. */
export interface Measured<T> {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly value: (subject: T) => number
}

/** Writes a row of such a table. */
export function gauge<T>(name: string, help: string, value: (subject: T) => number): Measured<T> {
  return { name, help, type: 'gauge', value }
}

/** The same for a number that only grows. */
export function counter<T>(name: string, help: string, value: (subject: T) => number): Measured<T> {
  return { name, help, type: 'counter', value }
}

/** The sums over all objects, without labels: what RabbitMQ calls aggregated. */
export function aggregated<T>(prefix: string, rows: readonly Measured<T>[], subjects: readonly T[]): readonly Family[] {
  return rows.map(({ name, help, type, value }) => {
    let sum = 0
    for (const subject of subjects) {
      const part = value(subject)
      if (!Number.isNaN(part)) sum += part
    }
    return single(prefix + name, help, type, sum)
  })
}

/** A number for each object. */
export function each<T>(
  prefix: string,
  rows: readonly Measured<T>[],
  subjects: readonly T[],
  labelsOf: (subject: T) => Labels,
): readonly Family[] {
  const labels = subjects.map(labelsOf)
  return rows.map(({ name, help, type, value }) => ({
    name: prefix + name,
    help,
    type,
    samples: subjects.map((subject, index) => ({ labels: labels[index] as Labels, value: value(subject) })),
  }))
}
