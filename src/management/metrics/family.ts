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

/** Objects of a kind, and how each is told from the others. */
export interface Labelled<T> {
  readonly subjects: readonly T[]
  readonly labels: readonly Labels[]
}

/** Finds the labels of all, once for all families that need them. */
export function labelled<T>(subjects: readonly T[], labelsOf: (subject: T) => Labels): Labelled<T> {
  return { subjects, labels: subjects.map(labelsOf) }
}

/** One sample that each object has: a value under the object's labels, and under those that all objects have alike. */
export interface Column<T> {
  readonly labels: Labels
  readonly value: (subject: T) => number
}

/** A family with the same samples for each of many objects. They are made when somebody wants them as samples. */
export class Table<T> implements Family {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly of: Labelled<T>
  readonly columns: readonly Column<T>[]
  /** Samples of the family that are no object's. */
  readonly others: readonly Sample[]

  constructor(
    { name, help, type }: Pick<Measured<T>, 'name' | 'help' | 'type'>,
    of: Labelled<T>,
    columns: readonly Column<T>[],
    others: readonly Sample[] = [],
  ) {
    this.name = name
    this.help = help
    this.type = type
    this.of = of
    this.columns = columns
    this.others = others
  }

  get size(): number {
    return this.others.length + this.of.subjects.length * this.columns.length
  }

  get samples(): readonly Sample[] {
    const { subjects, labels } = this.of
    const own = subjects.flatMap((subject, index) =>
      this.columns.map((column) => ({ labels: { ...labels[index], ...column.labels }, value: column.value(subject) })),
    )
    return [...this.others, ...own]
  }
}

/** A number for each object. */
export function each<T>(prefix: string, rows: readonly Measured<T>[], of: Labelled<T>): readonly Table<T>[] {
  return rows.map((row) => {
    const { name, value } = row
    return new Table({ ...row, name: prefix + name }, of, [{ labels: NO_LABELS, value }])
  })
}
