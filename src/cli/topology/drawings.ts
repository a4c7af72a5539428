// A vhost drawn: as a tree for terminals, as a graph for Graphviz and Mermaid. Takes the API's lists; knows no command.

import type { Row } from '../output/paths.ts'

/** What is drawn. */
export interface Picture {
  readonly exchanges: readonly Row[]
  readonly queues: readonly Row[]
  readonly bindings: readonly Row[]
}

/** The formats of a drawing. */
export const drawings = ['tree', 'dot', 'mermaid', 'json'] as const

const isStandard = (name: string) => name === '' || name.startsWith('amq.')
const text = (row: Row, key: string) => String(row[key] ?? '')

/** Exchanges worth drawing: those somebody declared, and those that are bound. The default one binds every queue. */
function worth({ exchanges, bindings }: Picture): readonly Row[] {
  return exchanges.filter((row) => {
    const name = text(row, 'name')
    if (name === '') return false
    return (
      !isStandard(name) ||
      bindings.some(
        (each) => each['source'] === name || (each['destination_type'] === 'exchange' && each['destination'] === name),
      )
    )
  })
}

function boundIn(picture: Picture): readonly Row[] {
  return picture.bindings.filter((each) => each['source'] !== '')
}

function labelOf(binding: Row): string {
  const key = text(binding, 'routing_key')
  const table = Object.entries((binding['arguments'] ?? {}) as object)
  return [key, ...table.map(([name, value]) => `${name}=${value}`)].filter((part) => part !== '').join(' ')
}

/** Exchanges with what is bound to them below, then queues that nothing is bound to. */
export function tree(picture: Picture): string {
  const lines: string[] = []
  const queueOf = (name: string) => {
    const row = picture.queues.find((each) => each['name'] === name)
    const details = [
      row?.['type'],
      row && `${row['messages'] ?? 0} messages`,
      row && `${row['consumers'] ?? 0} consumers`,
    ]
    return `queue ${name} (${details.filter((each) => each !== undefined).join(', ')})`
  }
  const visit = (name: string, indent: string, above: readonly string[]): void => {
    const bound = boundIn(picture).filter((each) => each['source'] === name)
    for (const [index, binding] of bound.entries()) {
      const last = index === bound.length - 1
      const target = text(binding, 'destination')
      const isExchange = binding['destination_type'] === 'exchange'
      const label = labelOf(binding)
      const around = above.includes(target) && isExchange ? ' (round again)' : ''
      lines.push(
        `${indent}${last ? '└─' : '├─'}${label === '' ? '' : ` [${label}]`} ${isExchange ? `exchange ${target}` : queueOf(target)}${around}`,
      )
      if (isExchange && around === '') visit(target, `${indent}${last ? '   ' : '│  '}`, [...above, target])
    }
  }
  for (const exchange of worth(picture)) {
    const name = text(exchange, 'name')
    lines.push(`exchange ${name} (${exchange['type']})`)
    visit(name, '', [name])
  }
  const bound = new Set(
    boundIn(picture)
      .filter((each) => each['destination_type'] === 'queue')
      .map((each) => each['destination']),
  )
  const free = picture.queues.filter((row) => !bound.has(row['name']))
  if (free.length > 0)
    lines.push('bound to no exchange but the default one:', ...free.map((row) => `   ${queueOf(text(row, 'name'))}`))
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** The graph in Graphviz's language. */
export function dot(picture: Picture): string {
  const quoted = (name: string) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  const lines = [
    'digraph topology {',
    '  rankdir=LR;',
    ...worth(picture).map(
      (row) => `  ${quoted(`x:${row['name']}`)} [label=${quoted(`${row['name']} (${row['type']})`)}, shape=ellipse];`,
    ),
    ...picture.queues.map((row) => `  ${quoted(`q:${row['name']}`)} [label=${quoted(text(row, 'name'))}, shape=box];`),
    ...boundIn(picture).map((each) => {
      const to = `${each['destination_type'] === 'exchange' ? 'x' : 'q'}:${each['destination']}`
      return `  ${quoted(`x:${each['source']}`)} -> ${quoted(to)} [label=${quoted(labelOf(each))}];`
    }),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

/** The graph in Mermaid's language, as Markdown shows it. */
export function mermaid(picture: Picture): string {
  const ids = new Map<string, string>()
  const id = (key: string) => {
    const known = ids.get(key) ?? `n${ids.size}`
    ids.set(key, known)
    return known
  }
  const quoted = (label: string) => `"${label.replaceAll('"', '#quot;')}"`
  const lines = [
    'flowchart LR',
    ...worth(picture).map((row) => `  ${id(`x:${row['name']}`)}([${quoted(`${row['name']} (${row['type']})`)}])`),
    ...picture.queues.map((row) => `  ${id(`q:${row['name']}`)}[${quoted(text(row, 'name'))}]`),
    ...boundIn(picture).map((each) => {
      const to = id(`${each['destination_type'] === 'exchange' ? 'x' : 'q'}:${each['destination']}`)
      const label = labelOf(each)
      return `  ${id(`x:${each['source']}`)} -->${label === '' ? '' : `|${quoted(label)}|`} ${to}`
    }),
  ]
  return `${lines.join('\n')}\n`
}
