// A record as a sequence diagram (https://mermaid.js.org/syntax/sequenceDiagram.html): who published what to which queue, and
// who took it.

import type { BrokerEvent } from './events.ts'

/** `events` as a Mermaid diagram; what queues do within themselves is left out. */
export function toMermaid(events: readonly BrokerEvent[]): string {
  const names = new Map<string, string>()
  const arrows = events.flatMap((event) => arrowsOf(event, (text) => nameOf(names, text)))
  const participants = [...names].map(([text, name]) => `  participant ${name} as ${escaped(text)}`)
  return ['sequenceDiagram', ...participants, ...arrows, ''].join('\n')
}

function arrowsOf(event: BrokerEvent, name: (text: string) => string): readonly string[] {
  if (event.event === 'published') {
    const { exchange, routingKey } = event.message
    const from = name(actorOf(event))
    const what = escaped(`${exchange === '' ? '' : `${exchange} `}${routingKey}`)
    if (event.routed.length === 0) return [`  Note over ${from}: ${what} ${event.outcome}`]
    return event.routed.map((queue) => `  ${from}->>${name(`queue ${queue}`)}: ${what}`)
  }
  if (event.event === 'delivered') {
    const again = event.redelivered ? ' again' : ''
    return [`  ${name(`queue ${event.queue}`)}->>${name(actorOf(event))}: message ${event.sequence}${again}`]
  }
  if (event.event === 'settled') {
    return [`  ${name(actorOf(event))}-->>${name(`queue ${event.queue}`)}: ${event.how} ${event.sequence}`]
  }
  if (event.event === 'dead-lettered') {
    const from = name(`queue ${event.queue}`)
    if (event.routed.length === 0) return [`  Note over ${from}: ${event.reason}, lost`]
    return event.routed.map((queue) => `  ${from}->>${name(`queue ${queue}`)}: dead letter (${event.reason})`)
  }
  if (event.event === 'dropped') {
    return [`  Note over ${name(`queue ${event.queue}`)}: message ${event.sequence} dropped (${event.reason})`]
  }
  return []
}

function actorOf({ connection, channel }: { readonly connection: number; readonly channel: number }): string {
  return connection === 0 ? 'the test' : `channel ${connection}/${channel}`
}

/** The short name of a participant. */
function nameOf(names: Map<string, string>, text: string): string {
  const name = names.get(text) ?? `p${names.size + 1}`
  names.set(text, name)
  return name
}

/** A text that Mermaid takes for nothing else. */
function escaped(text: string): string {
  return text.replace(/[;#:\n\r]/g, (character) => `#${character.charCodeAt(0)};`)
}
