// Records and the head of a page, octet by octet; that whole segments survive the way to the store and back is
// segment.spec.ts'.

import { encodeRouting, Message } from '../../../src/broker/message.ts'
import {
  HEAD_BYTES,
  isPersistentAt,
  RECORD_OVERHEAD_BYTES,
  readRecord,
  writeRecord,
} from '../../../src/broker/queue/page.ts'

type Marks = Pick<Message, 'expiresAt' | 'dead' | 'copies'>

const marks: Marks = { expiresAt: 0, dead: false, copies: false }

function messageOf(own: Partial<Marks>): Message {
  const message = Object.assign(new Message(), own)
  const routing = encodeRouting('ex', 'key')
  message.setRouting(routing, 0, routing.length)
  message.setHeader(Buffer.from('header'), 0, 6)
  message.setBody(Buffer.from('the body'), 4, 8)
  return message
}

describe('a record', () => {
  it.each<[string, Partial<Marks>, boolean, string]>([
    ['of a transient message', {}, false, '00'],
    ['of a persistent one', {}, true, '01'],
    ['of one that expires', { expiresAt: 0x1122_3344_5566 }, true, '030000112233445566'],
    ['of one that has died', { dead: true }, false, '04'],
    ['of one that is routed by copies', { copies: true }, true, '09'],
    ['of one that is all of it', { expiresAt: 1, dead: true, copies: true }, true, '0f0000000000000001'],
  ])('%s is what docs/storage.md says, and reads back', (_, own, persistent, flags) => {
    const message = messageOf(own)
    const bytes = Buffer.alloc(100)
    const end = writeRecord(message, persistent, bytes, HEAD_BYTES)
    const rest = Buffer.concat([encodeRouting('ex', 'key'), Buffer.from('\0\0\0\x06headerbody')])
    const size = Buffer.alloc(4)
    size.writeUInt32BE(flags.length / 2 + rest.length)
    expect(bytes.subarray(HEAD_BYTES, end)).toEqual(Buffer.concat([size, Buffer.from(flags, 'hex'), rest]))
    expect(end - HEAD_BYTES).toBe(RECORD_OVERHEAD_BYTES + message.recordBytes)
    // What a view said of the message before must not be left over.
    const read = messageOf({ expiresAt: 5, dead: true, copies: true })
    readRecord(bytes, HEAD_BYTES, read)
    expect(read).toMatchObject({ ...marks, ...own, persistent, exchange: 'ex', routingKey: 'key', bodyBytes: 4 })
    expect(read.copyBody().toString()).toBe('body')
    expect(isPersistentAt(bytes, HEAD_BYTES)).toBe(persistent)
  })
})
