// What is there of streams after a restart: messages, whatever their delivery-mode, under the offsets that they had.

import { a } from '../dialect/peers.ts'
import type { Steps } from '../dialect/scenario.ts'
import { confirming, durable, type RestartRow, row } from './words.ts'

const withStream: Steps = [
  a.ready(),
  a.declares(1, '$q', { ...durable, arguments: { 'x-queue-type': 'stream' } }),
  confirming,
]

/** Publishes one after the other, each once the one before is confirmed; `from` is the channel's next publish. */
function publishes(bodies: readonly string[], from = 1): Steps {
  return bodies.map((body, at) => [a.publishes(1, '', '$q', body), a.confirmed(1, [from + at])])
}

function delivered(tag: number, offset: number, body: string): Steps {
  return a.sees(`1 basic.deliver('ct', ${tag}, false, '', '$q') {headers:{x-stream-offset:l${offset}}} '${body}'`)
}

function reads(offset: string | readonly ['l', number]): Steps {
  return [a.qos(1, 10), a.consumes(1, '$q', 'ct', { arguments: { 'x-stream-offset': offset } })]
}

const lacking = 'streams that answer at once after a restart'

/** Rows of streams: the same after any ending. */
export const streamRows: readonly RestartRow[] = [
  row(
    'messages in streams survive under their offsets, and none is redelivered',
    [withStream, publishes(['a', 'b', 'c']), reads('first'), delivered(1, 0, 'a'), delivered(2, 1, 'b')],
    [
      a.ready(),
      reads(['l', 1]),
      delivered(1, 1, 'b'),
      delivered(2, 2, 'c'),
      confirming,
      a.publishes(1, '', '$q', 'd'),
      a.seesInAnyOrder(
        '1 basic.ack(1, false)',
        "1 basic.deliver('ct', 3, false, '', '$q') {headers:{x-stream-offset:l3}} 'd'",
      ),
    ],
    lacking,
  ),
  row(
    'the last chunk of a stream is the last after a restart',
    [withStream, publishes(['a', 'b'])],
    [a.ready(), reads('last'), delivered(1, 1, 'b')],
    lacking,
  ),
]
