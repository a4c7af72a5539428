// Byte streams for a listener to survive: random bytes, and whole sessions that were right before something happened to
// them. Built from a seed and a number, so that one stream can be had again. Sends nothing.

import type { Field } from './client/field-table.ts'
import { body, header, method } from './client/frame.ts'
import type { Random } from './client/random.ts'
import { protocolHeader, startOk, tuneOk } from './peers.ts'

/** A stream: the bytes, where to cut them into writes, and the queue that it may have declared (always exclusive). */
export type Stream = { readonly chunks: readonly Buffer[]; readonly queue: string }

// Declarations are repeated, moved and cut off like all frames, but not changed: a flipped bit would make a queue that
// rightly stays.
type Piece = { readonly bytes: Buffer; readonly intact: boolean }

const piece = (bytes: Buffer, intact = false): Piece => ({ bytes, intact })

function field(random: Random, depth: number): Field {
  switch (random.below(depth > 0 ? 12 : 10)) {
    case 0:
      return random.bytes(random.below(20)).toString('latin1')
    case 1:
      return ['l', random.below(2 ** 31)]
    case 2:
      return random.chance(50)
    case 3:
      return null
    case 4:
      return ['d', random.below(1000) / 7]
    case 5:
      return ['x', random.bytes(random.below(30))]
    case 6:
      return ['T', random.below(2 ** 31)]
    case 7:
      return ['D', [random.below(5), random.below(1000)]]
    case 8:
      return [random.pick(['b', 'B', 's', 'u', 'i', 'L']), random.below(100)]
    case 9:
      return random.below(1000) - 500
    case 10:
      return ['A', Array.from({ length: random.below(4) }, () => field(random, depth - 1))]
    default:
      return table(random, depth - 1)
  }
}

function table(random: Random, depth: number): { readonly [key: string]: Field } {
  const keys = Array.from({ length: random.below(5) }, (_, at) => random.pick(['k', 'x-match', 'CC', 'key']) + at)
  return Object.fromEntries(keys.map((key) => [key, field(random, depth)]))
}

function message(random: Random, channel: number, queue: string): readonly Piece[] {
  const size = random.pick([0, 1, 10, 500, 5000])
  const exchange = random.pick(['', '', 'amq.direct', 'amq.topic', 'amq.headers', 'fuzz.missing'])
  const values = { exchange, routingKey: random.pick([queue, 'a.b', '']), mandatory: random.chance(30) }
  const properties = random.chance(50)
    ? { headers: table(random, 3), deliveryMode: 1 + random.below(2), expiration: random.pick(['1000', 'x', '0']) }
    : {}
  const bodies = body(channel, Buffer.alloc(size, 0x66), 4096)
  return [
    piece(method(channel, 'basic.publish', values)),
    piece(header(channel, size, properties)),
    ...(size === 0 ? [] : [piece(bodies)]),
  ]
}

function operation(random: Random, channel: number, queue: string): readonly Piece[] {
  const one = (name: string, values = {}) => [piece(method(channel, name, values))]
  switch (random.below(16)) {
    case 0:
      return [piece(method(channel, 'queue.declare', { queue, exclusive: true, arguments: table(random, 2) }), true)]
    case 1:
      return one('queue.bind', { queue, exchange: 'amq.topic', routingKey: random.pick(['#', 'a.*', 'a.b', '*']) })
    case 2:
      return one('queue.bind', { queue, exchange: 'amq.headers', arguments: table(random, 2) })
    case 3:
      return one('basic.consume', { queue, noAck: random.chance(50), arguments: table(random, 1) })
    case 4:
      return one('basic.get', { queue, noAck: random.chance(50) })
    case 5:
      return one(random.pick(['basic.ack', 'basic.nack', 'basic.reject']), { deliveryTag: random.below(5) })
    case 6:
      return one('basic.qos', { prefetchCount: random.below(3), global: random.chance(30) })
    case 7:
      return one(random.pick(['tx.select', 'tx.commit', 'tx.rollback', 'confirm.select']))
    case 8:
      return one('basic.recover', { requeue: true })
    case 9:
      return one('queue.purge', { queue })
    case 10:
      return [...one('channel.close'), ...one('channel.open')]
    case 11:
      return one('basic.cancel', { consumerTag: random.pick(['', 'ct', 'other']) })
    case 12:
      return one('channel.close-ok')
    default:
      return message(random, channel, queue)
  }
}

function session(random: Random, queue: string): readonly Piece[] {
  const opening = [
    piece(protocolHeader(0, 0, 9, 1)),
    piece(method(0, 'connection.start-ok', startOk({}))),
    piece(method(0, 'connection.tune-ok', tuneOk({ frameMax: random.pick([4096, 131072]) }))),
    piece(method(0, 'connection.open', { virtualHost: '/' })),
    ...[1, 2].map((channel) => piece(method(channel, 'channel.open'))),
    piece(method(1, 'queue.declare', { queue, exclusive: true }), true),
  ]
  const count = 3 + random.below(20)
  const rest = Array.from({ length: count }, () => operation(random, 1 + random.below(2), queue)).flat()
  return [...opening, ...rest]
}

function changed(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const at = random.below(copy.length)
  switch (random.below(5)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
      return copy
    case 1:
      copy[at] = random.pick([0, 0xff, 0x7f, 0x80, 0xce])
      return copy
    case 2:
      return copy.subarray(0, at)
    case 3:
      return Buffer.concat([copy.subarray(0, at), random.bytes(1 + random.below(8)), copy.subarray(at)])
    default:
      // The size of the frame, which every reader has to believe at first.
      if (copy.length > 7) copy.writeUInt32BE(random.pick([0, 1, 4096, 131072, 131073, 0x7fffffff, 0xffffffff]), 3)
      return copy
  }
}

/** One thing happens to the session. Streams stay right up to that point. */
function mutated(random: Random, pieces: readonly Piece[]): readonly Piece[] {
  // Mostly behind the handshake, where there is more to reach.
  const from = random.chance(85) ? 4 : 0
  const at = from + random.below(pieces.length - from)
  const target = pieces[at]
  if (target === undefined) return pieces
  const before = pieces.slice(0, at)
  const after = pieces.slice(at + 1)
  switch (random.below(6)) {
    case 0:
      return [...before, target, target, ...after]
    case 1:
      return [...before, ...after]
    case 2:
      return [...before, ...after.slice(0, 2), target, ...after.slice(2)]
    case 3:
      return before
    default:
      return target.intact ? [...before, ...after] : [...before, piece(changed(random, target.bytes)), ...after]
  }
}

function cut(random: Random, bytes: Buffer): readonly Buffer[] {
  if (random.chance(70)) return [bytes]
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(random.pick([3, 50, 1000]))
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

/** The stream of that number. `queue` is the name that it declares, if it comes that far. */
export function stream(random: Random, queue: string): Stream {
  if (random.chance(10)) return { chunks: [random.bytes(1 + random.below(2000))], queue }
  if (random.chance(5)) return { chunks: [protocolHeader(0, 0, 9, 1), random.bytes(random.below(2000))], queue }
  let pieces = session(random, queue)
  for (let left = random.pick([0, 1, 1, 1, 2, 3]); left > 0; left--) pieces = mutated(random, pieces)
  return { chunks: cut(random, Buffer.concat(pieces.map(({ bytes }) => bytes))), queue }
}
