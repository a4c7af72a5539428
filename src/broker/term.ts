// How RabbitMQ prints a JSON value in its texts: as the Erlang term that it reads it as (behaviour.md §14). Knows nothing
// of what is printed.

import { renderBytes } from '../protocol/reply.ts'

/** A value as JSON has it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** `value` as RabbitMQ prints it: `<<"text">>`, `5`, `[1,2]`, `#{<<"key">> => 1}`. */
export function renderTerm(value: Json): string {
  if (typeof value === 'string') return renderText(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(renderTerm).join(',')}]`
  const pairs = Object.entries(value).map(([key, each]) => `${renderText(key)} => ${renderTerm(each)}`)
  return `#{${pairs.join(',')}}`
}

/** Several settings as RabbitMQ lists them: `[{<<"key">>,1}]`. */
export function renderPairs(pairs: Iterable<readonly [string, Json]>): string {
  return `[${[...pairs].map(([key, value]) => `{${renderText(key)},${renderTerm(value)}}`).join(',')}]`
}

function renderText(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  return renderBytes(bytes, 0, bytes.length)
}
