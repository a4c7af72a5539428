// Output on its way: the octets that leave are the octets that came, in order, in one write a turn; slabs come back once;
// a peer that does not take its output is told apart.

import fc from 'fast-check'
import { encodeMethod } from '../../src/protocol/method-codec.ts'
import { Outbox } from '../../src/session/outbox.ts'
import { SLAB_BYTES, Slabs } from '../../src/session/slabs.ts'
import type { Transport } from '../../src/session/transport.ts'
import { cases } from '../support/arbitraries.ts'

/** Counts what it lends; giving back what is not lent is a complaint. */
class CountedSlabs extends Slabs {
  readonly lent = new Set<Buffer>()
  readonly complaints: string[] = []

  override take(): Buffer {
    const slab = super.take()
    if (this.lent.has(slab)) this.complaints.push('a slab was lent twice')
    this.lent.add(slab)
    return slab
  }

  override give(slab: Buffer): void {
    if (!this.lent.delete(slab)) this.complaints.push('a slab came back that was not lent')
    super.give(slab)
  }
}

/** An outbox over a transport that sends a write when the spec says so. */
class Line {
  readonly slabs = new CountedSlabs()
  readonly calls: string[] = []
  readonly #writes: { readonly parts: readonly Uint8Array[]; readonly copy: Buffer; readonly written: () => void }[] =
    []
  readonly #sent: Buffer[] = []
  readonly outbox: Outbox

  constructor() {
    const transport = {
      write: (parts: readonly Uint8Array[], written: () => void) =>
        void this.#writes.push({ parts, copy: Buffer.concat(parts), written }),
    }
    this.outbox = new Outbox(transport as unknown as Transport, this.slabs, {
      outputWaits: () => this.calls.push('waits'),
      relieved: () => this.calls.push('relieved'),
    })
  }

  /** Writes that the peer has not taken. */
  get writes(): number {
    return this.#writes.length
  }

  /** The peer takes the oldest write. Its bytes must still be what they were when it was handed over. */
  send(): void {
    const write = this.#writes.shift()
    if (!write) return
    if (!Buffer.concat(write.parts).equals(write.copy)) this.slabs.complaints.push('bytes changed on their way')
    this.#sent.push(write.copy)
    write.written()
  }

  get sent(): Buffer {
    return Buffer.concat(this.#sent)
  }

  /** Puts `bytes` where the outbox has room for them, as content-writer.ts does. */
  copy(bytes: Uint8Array): void {
    this.outbox.reserve(bytes.length).set(bytes, this.outbox.position)
    this.outbox.advance(bytes.length)
  }
}

const pattern = Uint8Array.from({ length: 512 * 1024 }, (_, at) => at & 0xff)

/** Octets counting up from `from`, in memory of their own. */
const numbered = (length: number, from = 0) => Buffer.from(pattern.slice(from & 0xff, (from & 0xff) + length))

describe('an outbox', () => {
  it('frames a method', () => {
    const line = new Line()
    line.outbox.method(3, { name: 'basic.cancel', consumerTag: 'tag', noWait: true })
    line.outbox.flush()
    line.send()
    const payload = encodeMethod({ name: 'basic.cancel', consumerTag: 'tag', noWait: true })
    expect(line.sent).toEqual(Buffer.concat([Buffer.of(1, 0, 3, 0, 0, 0, payload.length), payload, Buffer.of(0xce)]))
  })

  it('asks once for the end of the turn, and hands over once', () => {
    const line = new Line()
    line.copy(numbered(10))
    line.outbox.bytes(numbered(10))
    line.outbox.method(0, { name: 'connection.close-ok' })
    expect(line.calls).toEqual(['waits'])
    line.outbox.flush()
    expect(line.writes).toBe(1)
    line.copy(numbered(1))
    expect(line.calls).toEqual(['waits', 'waits'])
  })

  it('hands nothing over where there is nothing', () => {
    const line = new Line()
    line.outbox.flush()
    expect([line.writes, line.outbox.flushes]).toEqual([0, 0])
    line.copy(numbered(1))
    line.outbox.flush()
    line.outbox.flush()
    expect([line.writes, line.outbox.flushes]).toEqual([1, 1])
  })

  it('takes any number of octets, over as many slabs as they need', () => {
    const line = new Line()
    line.copy(numbered(10))
    line.outbox.bytes(numbered(200_000, 10))
    line.outbox.bytes(Buffer.concat([Buffer.alloc(3), numbered(5, 200_010)]), 3, 8)
    line.outbox.flush()
    line.send()
    expect(line.sent.equals(numbered(200_015))).toBe(true)
    expect([line.slabs.lent.size, line.slabs.complaints]).toEqual([0, []])
  })

  it('hands over before the turn ends what is more than 256 KiB', () => {
    const line = new Line()
    line.outbox.bytes(numbered(256 * 1024))
    expect([line.writes, line.calls]).toEqual([0, ['waits']])
    line.copy(numbered(1))
    expect(line.writes).toBe(1)
    line.outbox.bytes(numbered(300 * 1024))
    expect(line.writes).toBe(2)
  })

  it('borrows no slab before there is something to put in it, and gives it back when it is sent', () => {
    const line = new Line()
    expect(line.slabs.lent.size).toBe(0)
    line.copy(numbered(5))
    expect(line.slabs.lent.size).toBe(1)
    line.outbox.flush()
    expect(line.slabs.lent.size).toBe(1)
    line.send()
    expect(line.slabs.lent.size).toBe(0)
  })

  it('takes more at a time than a slab holds', () => {
    const line = new Line()
    line.copy(numbered(5))
    line.copy(numbered(SLAB_BYTES + 1, 5))
    line.copy(numbered(5, SLAB_BYTES + 6))
    line.outbox.flush()
    line.send()
    expect(line.sent.equals(numbered(SLAB_BYTES + 11))).toBe(true)
    expect([line.slabs.lent.size, line.slabs.complaints]).toEqual([0, []])
  })

  it('is congested from 1 MiB on that the peer has not taken, until half of that is left', () => {
    const line = new Line()
    for (let i = 0; i < 4; i++) {
      line.outbox.bytes(numbered(256 * 1024))
      line.outbox.flush()
    }
    expect(line.outbox.congested).toBe(false)
    line.copy(numbered(1))
    expect(line.outbox.congested).toBe(true)
    line.send()
    line.send()
    expect([line.outbox.congested, line.calls.includes('relieved')]).toEqual([true, false])
    line.send()
    expect([line.outbox.congested, line.calls.filter((call) => call === 'relieved')]).toEqual([false, ['relieved']])
  })
})

type Step =
  | { readonly does: 'copy'; readonly bytes: number }
  | { readonly does: 'bytes'; readonly bytes: number }
  | { readonly does: 'method'; readonly text: string }
  | { readonly does: 'flush' | 'send' }

const bytes = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(8192, SLAB_BYTES - 1, SLAB_BYTES, 70_000))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('copy' as const), bytes }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('bytes' as const), bytes }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('method' as const), text: fc.string({ maxLength: 60 }) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('flush' as const, 'send') }) },
)

/** Puts in what a step says; `from` is where its octets begin to count. */
function put(line: Line, step: Step, from: number): void {
  switch (step.does) {
    case 'copy':
      return line.copy(numbered(step.bytes, from))
    case 'bytes':
      return line.outbox.bytes(numbered(step.bytes, from))
    case 'method':
      return line.outbox.method(1, {
        name: 'channel.close',
        replyCode: 1,
        replyText: step.text,
        classId: 2,
        methodId: 3,
      })
    case 'flush':
      return line.outbox.flush()
    default:
      return line.send()
  }
}

describe('what comes out of an outbox', () => {
  it('is what went in, whatever went in and whenever it was sent; and all slabs come back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const line = new Line()
        const plain = new Line()
        for (const [at, each] of steps.entries()) {
          put(line, each, at * 7)
          put(plain, each.does === 'copy' ? { ...each, does: 'bytes' } : each, at * 7)
          plain.outbox.flush()
          plain.send()
        }
        line.outbox.flush()
        while (line.writes > 0) line.send()
        expect(line.sent.equals(plain.sent)).toBe(true)
        expect([line.slabs.lent.size, line.slabs.complaints, line.outbox.congested]).toEqual([0, [], false])
      }),
      cases(200),
    )
  })
})
