// Where a message would go: exchanges and bindings as the API lists them, followed as a broker follows them, with the reason
// at each step. Works on any broker's lists; knows no command.

import type { Row } from '../output/paths.ts'

/** What is asked: a message as it would be published. */
export interface Question {
  readonly exchange: string
  readonly routingKey: string
  readonly headers: Row
}

/** One look at one binding. */
export interface Step {
  readonly exchange: string
  readonly type: string
  readonly destination: string
  readonly destination_type: string
  readonly routing_key: string
  readonly matches: boolean
  readonly why: string
}

/** The queues that get the message, and how each was or was not reached. */
export interface Explanation {
  readonly queues: readonly string[]
  readonly steps: readonly Step[]
}

/** What there is in the vhost. */
export interface Topology {
  readonly exchanges: readonly Row[]
  readonly bindings: readonly Row[]
}

type Verdict = { readonly matches: boolean; readonly why: string }

/** Follows a message through the exchanges; undefined when the first is not there. */
export function explain({ exchange, routingKey, headers }: Question, topology: Topology): Explanation | undefined {
  const byName = new Map(topology.exchanges.map((each) => [String(each['name']), each]))
  if (!byName.has(exchange)) return undefined
  const queues = new Set<string>()
  const steps: Step[] = []
  const seen = new Set<string>()
  const visit = (name: string): void => {
    const found = byName.get(name)
    if (!found || seen.has(name)) return
    seen.add(name)
    const type = typeOf(found)
    let reached = false
    for (const binding of topology.bindings.filter((each) => each['source'] === name)) {
      const verdict = judge(type, binding, routingKey, headers)
      steps.push({ exchange: name, type, ...endsOf(binding), ...verdict })
      if (!verdict.matches) continue
      reached = true
      if (binding['destination_type'] === 'exchange') visit(String(binding['destination']))
      else queues.add(String(binding['destination']))
    }
    if (!reached) alternative(name, found)
  }
  const alternative = (name: string, found: Row): void => {
    const next = alternateOf(found)
    if (next === undefined) return
    const why = byName.has(next)
      ? 'no binding matches: on to the alternate exchange'
      : 'its alternate exchange is not there'
    const ends = { destination: next, destination_type: 'exchange', routing_key: '' }
    steps.push({ exchange: name, type: typeOf(found), ...ends, matches: byName.has(next), why })
    visit(next)
  }
  visit(exchange)
  return { queues: [...queues], steps }
}

function typeOf(exchange: Row): string {
  const type = String(exchange['type'])
  const inner = (exchange['arguments'] as Row | undefined)?.['x-delayed-type']
  return type === 'x-delayed-message' && typeof inner === 'string' ? inner : type
}

function alternateOf(exchange: Row): string | undefined {
  const own = (exchange['arguments'] as Row | undefined)?.['alternate-exchange']
  const policy = (exchange['effective_policy_definition'] as Row | undefined)?.['alternate-exchange']
  return typeof own === 'string' ? own : typeof policy === 'string' ? policy : undefined
}

function endsOf(binding: Row): Pick<Step, 'destination' | 'destination_type' | 'routing_key'> {
  return {
    destination: String(binding['destination']),
    destination_type: String(binding['destination_type']),
    routing_key: String(binding['routing_key'] ?? ''),
  }
}

function judge(type: string, binding: Row, key: string, headers: Row): Verdict {
  const bound = String(binding['routing_key'] ?? '')
  switch (type) {
    case 'direct':
      return bound === key
        ? { matches: true, why: `the key is "${key}"` }
        : { matches: false, why: `the key is not "${bound}"` }
    case 'fanout':
    case 'x-recent-history':
      return { matches: true, why: `a ${type} exchange sends to all` }
    case 'topic':
      return topicMatches(bound, key)
        ? { matches: true, why: `"${bound}" matches "${key}"` }
        : { matches: false, why: `"${bound}" does not match "${key}"` }
    case 'headers':
      return headersVerdict((binding['arguments'] ?? {}) as Row, headers)
    default:
      return { matches: true, why: `a ${type} exchange may choose this one: only the broker knows` }
  }
}

/** Whether a topic pattern matches: `*` is one word, `#` any number of them. */
export function topicMatches(pattern: string, key: string): boolean {
  const words = key === '' ? [] : key.split('.')
  const parts = pattern === '' ? [] : pattern.split('.')
  // Reached positions of the pattern, advanced a word at a time: no pattern can make this slow.
  let at = spread(parts, new Set([0]))
  for (const word of words) {
    const next = new Set<number>()
    for (const position of at) {
      const part = parts[position]
      if (part === '#') next.add(position)
      else if (part !== undefined && (part === '*' || part === word)) next.add(position + 1)
    }
    at = spread(parts, next)
  }
  return at.has(parts.length)
}

function spread(parts: readonly string[], positions: Set<number>): Set<number> {
  for (const position of positions) if (parts[position] === '#') positions.add(position + 1)
  return positions
}

function headersVerdict(table: Row, headers: Row): Verdict {
  const mode = String(table['x-match'] ?? 'all')
  const wanted = Object.entries(table).filter(([name]) =>
    mode.endsWith('-with-x') ? name !== 'x-match' : !name.startsWith('x-'),
  )
  const fits = wanted.map(([name, value]) => ({
    name,
    fits: name in headers && (value === null || String(headers[name]) === String(value)),
  }))
  const missing = fits.filter((each) => !each.fits).map(({ name }) => name)
  if (mode.startsWith('any')) {
    const hit = fits.find((each) => each.fits)
    return hit
      ? { matches: true, why: `header "${hit.name}" matches` }
      : { matches: false, why: 'none of its headers matches' }
  }
  return missing.length === 0
    ? { matches: true, why: 'all of its headers match' }
    : { matches: false, why: `header "${missing[0]}" does not match` }
}
