// The least that a generator can be measured against: it speaks AMQP, but no exchange, queue or store stands behind it.
// As `flood`, publishes vanish (confirmed, if asked for) and consumers get made-up messages as fast as they take them; as
// `relay`, what is published goes to the consumer that came last. Prints the port it listens on. Not a broker: it
// believes every peer.

import { createServer } from 'node:net'
import { nowNs } from './generator/clock.js'
import {
  contentFrames,
  FRAME_HEAD,
  FRAME_OVERHEAD,
  ids,
  long,
  longlong,
  longstr,
  METHOD,
  method,
  octet,
  PROTOCOL_HEADER,
  short,
  shortstr,
  table,
} from './generator/wire.js'

const BATCH_BYTES = 64 * 1024
const BATCHES_PER_TURN = 16
const FRAME_MAX = 131072
/** Where a deliver frame has its delivery tag, with a consumer tag of 6 bytes. */
const TAG_AT = FRAME_HEAD + 4 + 7

const mode = process.argv[2]
let consumer

/** Answers that are the same whatever is asked. */
const answers = new Map([
  [ids.connectionStartOk, method(0, ids.connectionTune, short(2047), long(FRAME_MAX), short(0))],
  [ids.connectionOpen, method(0, ids.connectionOpenOk, shortstr(''))],
  [ids.connectionClose, method(0, ids.connectionCloseOk)],
  [ids.channelOpen, method(1, ids.channelOpenOk, longstr(''))],
  [ids.channelClose, method(1, ids.channelCloseOk)],
  [ids.queueDeclare, method(1, ids.queueDeclareOk, shortstr('q'), long(0), long(0))],
  [ids.queueDelete, method(1, ids.queueDeleteOk, long(0))],
  [ids.basicQos, method(1, ids.basicQosOk)],
  [ids.confirmSelect, method(1, ids.confirmSelectOk)],
])
const mechanisms = Buffer.concat([longstr('PLAIN'), longstr('en_US')])
const start = method(
  0,
  ids.connectionStart,
  octet(0),
  octet(9),
  table({ product: 'bare peer', version: '1' }),
  mechanisms,
)

class Session {
  #socket
  #rest = Buffer.alloc(0)
  #greeted = false
  #confirming = false
  #published = 0
  #confirmed = 0
  #delivered = 0
  #bodyLeft = 0
  #content = []

  constructor(socket) {
    this.#socket = socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#arrived(chunk))
    socket.on('error', () => socket.destroy())
  }

  deliver(content) {
    const delivery = method(1, ids.basicDeliver, shortstr('c00000'), longlong(++this.#delivered), ...fromQueue)
    this.#socket.write(Buffer.concat([delivery, ...content]))
  }

  #arrived(chunk) {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    if (!this.#greeted) {
      this.#greeted = true
      this.#socket.write(start)
      bytes = bytes.subarray(PROTOCOL_HEADER.length)
    }
    this.#rest = bytes.subarray(this.#scan(bytes))
    if (!this.#confirming || this.#published === this.#confirmed) return
    this.#confirmed = this.#published
    this.#socket.write(method(1, ids.basicAck, longlong(this.#published), octet(1)))
  }

  #scan(bytes) {
    let at = 0
    while (bytes.length - at >= FRAME_HEAD) {
      const size = (bytes[at + 3] << 24) | (bytes[at + 4] << 16) | (bytes[at + 5] << 8) | bytes[at + 6]
      const next = at + FRAME_OVERHEAD + size
      if (next > bytes.length) break
      if (bytes[at] === METHOD) this.#method(bytes.readUInt32BE(at + FRAME_HEAD), bytes, at + FRAME_HEAD)
      else this.#contentFrame(bytes, at, next)
      at = next
    }
    return at
  }

  #method(id, bytes, at) {
    if (id === ids.basicPublish || id === ids.basicAck) return
    const answer = answers.get(id)
    if (answer) this.#socket.write(answer)
    if (id === ids.confirmSelect) this.#confirming = true
    if (id !== ids.basicConsume) return
    const tagAt = at + 6 + 1 + bytes[at + 6]
    const tag = bytes.toString('latin1', tagAt + 1, tagAt + 1 + bytes[tagAt])
    this.#socket.write(method(1, ids.basicConsumeOk, shortstr(tag)))
    consumer = this
    if (mode === 'flood') this.#flood()
  }

  #contentFrame(bytes, at, next) {
    const size = next - at - FRAME_OVERHEAD
    if (bytes[at] === 2) this.#bodyLeft = bytes.readUInt32BE(at + FRAME_HEAD + 8)
    else this.#bodyLeft -= size
    if (mode === 'relay') this.#content.push(bytes.subarray(at, next))
    if (this.#bodyLeft > 0) return
    this.#published++
    if (mode === 'flood') return
    consumer?.deliver(this.#content)
    this.#content = []
  }

  #flood() {
    const body = Buffer.alloc(bodyBytes)
    const delivery = method(1, ids.basicDeliver, shortstr('c00000'), longlong(0), ...fromQueue)
    const content = contentFrames({ channel: 1, persistent: false, body, frameMax: FRAME_MAX })
    const message = Buffer.concat([delivery, content])
    const stampAt = delivery.length + FRAME_OVERHEAD + content.readUInt32BE(3) + FRAME_HEAD
    const batch = Buffer.concat(Array.from({ length: Math.ceil(BATCH_BYTES / message.length) }, () => message))
    const view = new DataView(batch.buffer, batch.byteOffset)
    const more = () => {
      for (let turn = 0; turn < BATCHES_PER_TURN; turn++) {
        if (this.#socket.destroyed || this.#socket.writableLength > 0) return
        const now = nowNs()
        for (let at = 0; at < batch.length; at += message.length) {
          const number = ++this.#delivered
          view.setUint32(at + TAG_AT, number / 2 ** 32)
          view.setUint32(at + TAG_AT + 4, number)
          view.setFloat64(at + stampAt, now)
          view.setUint32(at + stampAt + 12, number)
        }
        this.#socket.write(batch)
      }
      setImmediate(more)
    }
    this.#socket.on('drain', more)
    more()
  }
}

/** Arguments of basic.deliver after the delivery tag. */
const fromQueue = [octet(0), shortstr(''), shortstr('L000.q00000')]
/** Of a made-up message. */
const bodyBytes = Number(process.argv[3] ?? 16)

const server = createServer((socket) => new Session(socket))
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
