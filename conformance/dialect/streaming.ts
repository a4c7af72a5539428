// What scenarios of streams have in common: a stream with messages, a consumer at a place, a delivery with its offset. Only
// builds data.

import type { Field, Table } from './client/field-table.ts'
import { a } from './peers.ts'
import type { Steps } from './scenario.ts'

/** Options of the declaration of a stream. */
export const stream = (more: Table = {}): Table => ({ durable: true, arguments: { 'x-queue-type': 'stream', ...more } })
/** confirm.select. */
export const confirming: Steps = a.calls(1, 'confirm.select', {}, 'confirm.select-ok()')

/** A stream that has these messages, each of which was confirmed before the next one was sent. */
export function withStream(bodies: readonly string[], more: Table = {}): Steps {
  return [
    a.ready(),
    a.declares(1, '$q', stream(more)),
    confirming,
    bodies.map((body, at) => [a.publishes(1, '', '$q', body), a.confirmed(1, [at + 1])]),
  ]
}

/** Consumes with a prefetch of `prefetch` from a place. */
export function reads(offset: Field | undefined, more: Table = {}, prefetch = 10): Steps {
  const place: Table = offset === undefined ? {} : { 'x-stream-offset': offset }
  return [a.qos(1, prefetch), a.consumes(1, '$q', 'ct', { arguments: { ...place, ...more } })]
}

/** A delivery of the message at that offset, without other headers. */
export function delivered(tag: number, offset: number, body: string, consumer = 'ct'): Steps {
  return a.sees(
    `1 basic.deliver('${consumer}', ${tag}, false, '', '$q') {headers:{x-stream-offset:l${offset}}} '${body}'`,
  )
}

/** Nothing more comes; a confirm proves that what is published now comes next. */
export function nextIs(tag: number, offset: number, confirmTag: number): Steps {
  return [
    a.publishes(1, '', '$q', 'next'),
    a.seesInAnyOrder(
      `1 basic.ack(${confirmTag}, false)`,
      `1 basic.deliver('ct', ${tag}, false, '', '$q') {headers:{x-stream-offset:l${offset}}} 'next'`,
    ),
  ]
}
