// The text of families with very many samples, in pieces: the client library writes each in one go, which would hold the
// loop up. Knows the text format of Prometheus (version 0.0.4) as far as gauges and counters need it.

import type { Family, Labels } from './family.ts'

/** Samples of one piece. */
const PIECE = 500

/** The text of a family; what comes between two pieces is for others. */
export function* pieces({ name, help, type, samples }: Family): Generator<string> {
  let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  for (const [index, { labels, value }] of samples.entries()) {
    text += `${name}${labelText(labels)} ${value}\n`
    if (index % PIECE !== PIECE - 1) continue
    yield text
    text = ''
  }
  yield `${text}\n`
}

function labelText(labels: Labels): string {
  let text = ''
  for (const name in labels) text += `${text === '' ? '{' : ','}${name}="${escaped(labels[name] as string)}"`
  return text === '' ? '' : `${text}}`
}

function escaped(value: string): string {
  return /["\\\n]/.test(value) ? value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n') : value
}
