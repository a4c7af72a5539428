// The text of families with very many samples, in pieces: the client library writes each in one go, which would hold the
// loop up. Knows the text format of Prometheus (version 0.0.4) as far as gauges and counters need it.

import { type Family, type Labelled, type Labels, Table } from './family.ts'

/** Samples of one piece. */
const PIECE = 500

/** Texts of labels, which all families of the same objects share. */
const texts = new WeakMap<Labelled<unknown>, readonly string[]>()

/** The text of a family; what comes between two pieces is for others. */
export function* pieces(family: Family): Generator<string> {
  const { name, help, type } = family
  let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  let lines = 0
  for (const line of family instanceof Table ? tableLines(family) : sampleLines(family)) {
    text += line
    if (++lines % PIECE !== 0) continue
    yield text
    text = ''
  }
  yield `${text}\n`
}

function* sampleLines({ name, samples }: Pick<Family, 'name' | 'samples'>): Generator<string> {
  for (const { labels, value } of samples) yield `${name}${enclosed(labelText(labels))} ${value}\n`
}

/** The same without making the samples. */
function* tableLines({ name, of, columns, others }: Table<unknown>): Generator<string> {
  yield* sampleLines({ name, samples: others })
  const leads = leadsOf(of)
  const ends = columns.map(({ labels, value }) => ({ end: `${labelText(labels, ',')}} `, value }))
  for (const [index, subject] of of.subjects.entries()) {
    const lead = `${name}{${leads[index]}`
    for (const { end, value } of ends) yield `${lead}${end}${value(subject)}\n`
  }
}

function leadsOf(of: Labelled<unknown>): readonly string[] {
  let leads = texts.get(of)
  if (!leads) {
    leads = of.labels.map((labels) => labelText(labels))
    texts.set(of, leads)
  }
  return leads
}

function labelText(labels: Labels, before = ''): string {
  let text = ''
  for (const name in labels) text += `${text === '' ? before : ','}${name}="${escaped(labels[name] as string)}"`
  return text
}

function enclosed(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}

function escaped(value: string): string {
  return /["\\\n]/.test(value) ? value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n') : value
}
