// A content on its way in: the order of its frames and the texts of its refusals (behaviour.md §3), and that the body is
// what was sent however it was cut.

import fc from 'fast-check'
import { encodeHeader } from '../../src/protocol/properties.ts'
import { type FailedMethod, ProtocolError } from '../../src/protocol/reply.ts'
import { Content } from '../../src/session/content.ts'
import { SLAB_BYTES, Slabs } from '../../src/session/slabs.ts'
import { cases } from '../support/arbitraries.ts'

const ROUTING = Buffer.from('\x01x\x03key', 'latin1')

const newContent = (): Content => new Content(new Slabs())

function begun(): Content {
  const content = newContent()
  content.begin(ROUTING, 0, ROUTING.length, 3)
  return content
}

function header(content: Content, bytes: Buffer): boolean {
  return content.header(bytes, 0, bytes.length)
}

function sized(bodyBytes: number): Content {
  const content = begun()
  header(content, encodeHeader({}, bodyBytes))
  return content
}

/** A body frame in these pieces. Returns whether the message is whole. */
function body(content: Content, ...pieces: readonly Buffer[]): boolean {
  for (const piece of pieces) content.bodyPiece(piece, 0, piece.length)
  return content.bodyEnd()
}

/** Code, text and ids of what `run` throws. */
function refusal(run: () => unknown): { readonly text: string; readonly ids: Partial<FailedMethod> } | null {
  try {
    run()
    return null
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const { code, replyText, classId, methodId } = error
    return { text: `${code} ${replyText}`, ids: { classId: classId ?? -1, methodId: methodId ?? -1 } }
  }
}

const publish = { classId: 60, methodId: 40 }
const none = { classId: 0, methodId: 0 }
const noHeader = {
  text: '505 UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead',
  ids: publish,
}
const noBody = {
  text: '505 UNEXPECTED_FRAME - expected content body, got non content body frame instead',
  ids: publish,
}
const noMethod = { text: '505 UNEXPECTED_FRAME - expected method frame, got non method frame instead', ids: none }

describe('the frames of a content', () => {
  it('are method, header, body frames until the announced size is reached', () => {
    const content = begun()
    expect(header(content, encodeHeader({ contentType: 'a/b' }, 5))).toBe(false)
    expect(body(content, Buffer.from('he'))).toBe(false)
    expect(body(content, Buffer.from('llo'))).toBe(true)
    expect(refusal(() => content.checkMethod())).toBeNull()
    expect([content.message.exchange, content.message.routingKey, content.bits]).toEqual(['x', 'key', 3])
    expect(content.message.copyBody().toString()).toBe('hello')
  })

  it('end with the header when the announced size is 0', () => {
    const content = begun()
    expect(header(content, encodeHeader({}, 0))).toBe(true)
    expect(content.message.bodyBytes).toBe(0)
    expect(refusal(() => body(content, Buffer.alloc(0)))).toEqual(noMethod)
  })

  it('may be empty in the middle', () => {
    const content = sized(2)
    expect(body(content, Buffer.alloc(0))).toBe(false)
    expect(body(content)).toBe(false)
    expect(body(content, Buffer.from('ab'))).toBe(true)
  })

  it('may not be a header or a body without a publish', () => {
    expect(refusal(() => header(newContent(), encodeHeader({}, 1)))).toEqual(noMethod)
    expect(refusal(() => body(newContent(), Buffer.alloc(1)))).toEqual(noMethod)
    expect(refusal(() => newContent().bodyEnd())).toEqual(noMethod)
    expect(refusal(() => newContent().checkMethod())).toBeNull()
  })

  it('may not be a method or a body after a publish, nor a header with a weight', () => {
    const weighted = encodeHeader({}, 1)
    weighted.writeUInt16BE(1, 2)
    expect(refusal(() => begun().checkMethod())).toEqual(noHeader)
    expect(refusal(() => body(begun(), Buffer.alloc(1)))).toEqual(noHeader)
    expect(refusal(() => begun().bodyEnd())).toEqual(noHeader)
    expect(refusal(() => header(begun(), weighted))).toEqual(noHeader)
  })

  it('may not be a method or another header while the body is incomplete', () => {
    expect(refusal(() => sized(1).checkMethod())).toEqual(noBody)
    expect(refusal(() => header(sized(1), encodeHeader({}, 1)))).toEqual(noBody)
  })

  it('may not begin with a header of another class', () => {
    const foreign = encodeHeader({}, 1)
    foreign.writeUInt16BE(61, 0)
    expect(refusal(() => header(begun(), foreign))).toEqual({
      text: '505 UNEXPECTED_FRAME - expected content header for class 60, got one for class 61 instead',
      ids: publish,
    })
  })

  it('fail as undecodable properties do when the header is cut short', () => {
    expect(refusal(() => header(begun(), encodeHeader({}, 1).subarray(0, 13)))).toEqual({
      text: '541 INTERNAL_ERROR',
      ids: none,
    })
  })

  it('may announce no more than 512 MiB', () => {
    expect(refusal(() => sized(536_870_912))).toBeNull()
    const text = (size: string) => `501 FRAME_ERROR - content body size ${size} exceeds maximum allowed size 536870912`
    expect(refusal(() => sized(536_870_913))).toEqual({ text: text('536870913'), ids: publish })
    const huge = encodeHeader({}, 1)
    huge.fill(0xff, 4, 12)
    expect(refusal(() => header(begun(), huge))).toEqual({ text: text('18446744073709551615'), ids: publish })
  })

  it('may not bring more body than announced', () => {
    const tooMuch = {
      text: '501 FRAME_ERROR - content body frame exceeds remaining content size',
      ids: publish,
    }
    expect(refusal(() => body(sized(3), Buffer.alloc(4)))).toEqual(tooMuch)
    const content = sized(3)
    body(content, Buffer.alloc(2))
    expect(refusal(() => content.bodyPiece(Buffer.alloc(9), 0, 2))).toEqual(tooMuch)
  })

  it('are counted and not kept once the message is discarded', () => {
    const content = sized(20_000)
    content.discard()
    for (let i = 0; i < 19; i++) expect(body(content, Buffer.alloc(1000))).toBe(false)
    expect(body(content, Buffer.alloc(1000))).toBe(true)
    expect(content.message.copyBody()).toHaveLength(0)
    content.begin(ROUTING, 0, ROUTING.length, 0)
    header(content, encodeHeader({}, 4))
    expect(body(content, Buffer.from('kept'))).toBe(true)
    expect(content.message.copyBody().toString()).toBe('kept')
  })
})

describe('a body', () => {
  it('stays where it lies when it comes in one piece', () => {
    const content = sized(5)
    const chunk = Buffer.from('..hello..')
    content.bodyPiece(chunk, 2, 7)
    content.bodyEnd()
    const { message } = content
    expect([message.body === chunk, message.bodyStart, message.bodyEnd]).toEqual([true, 2, 7])
  })

  it('that comes in pieces is gathered, whatever becomes of the octets that they came in', () => {
    for (const count of [2, 7, 60, 300]) {
      const content = sized(count * 1024)
      const pieces = Array.from({ length: count }, (_, at) => Buffer.alloc(1024, at))
      const whole = Buffer.concat(pieces)
      for (const piece of pieces) {
        content.bodyPiece(piece, 0, piece.length)
        piece.fill(0xee)
      }
      expect(content.bodyEnd()).toBe(true)
      expect(content.message.copyBody().equals(whole)).toBe(true)
    }
  })

  it('gets memory as it comes, not as it was announced', () => {
    const slabs = new Slabs()
    const content = new Content(slabs)
    content.begin(ROUTING, 0, ROUTING.length, 0)
    header(content, encodeHeader({}, 500_000_000))
    body(content, Buffer.alloc(10))
    content.detach()
    expect(content.message.body.length).toBeLessThan(1000)
    content.begin(ROUTING, 0, ROUTING.length, 0)
    expect(slabs.take()).toHaveLength(SLAB_BYTES)
  })

  it('gives the slab that it was gathered in back once it is done', () => {
    const slab = Buffer.alloc(SLAB_BYTES)
    const given: Buffer[] = []
    const slabs = { take: () => slab, give: (back: Buffer) => void given.push(back) } as unknown as Slabs
    const content = new Content(slabs)
    content.begin(ROUTING, 0, ROUTING.length, 0)
    header(content, encodeHeader({}, 20_000))
    body(content, Buffer.alloc(10_000, 1), Buffer.alloc(10_000, 2))
    expect([content.message.body, given]).toEqual([slab, []])
    content.done()
    content.done()
    expect(given).toEqual([slab])
  })

  it('leaves nothing to the next one', () => {
    const content = sized(10_000)
    body(content, Buffer.alloc(5000, 1), Buffer.alloc(5000, 2))
    content.begin(ROUTING, 0, ROUTING.length, 0)
    header(content, encodeHeader({}, 4))
    body(content, Buffer.from('ab'))
    body(content, Buffer.from('cd'))
    expect(content.message.bodyBytes).toBe(4)
    expect(content.message.copyBody().toString()).toBe('abcd')
    content.begin(ROUTING, 0, ROUTING.length, 0)
    header(content, encodeHeader({}, 0))
    expect(content.message.copyBody()).toHaveLength(0)
  })

  it('is what was sent, however it was cut into frames and pieces', () => {
    const lengths = fc.array(fc.array(fc.oneof(fc.nat(30), fc.constantFrom(0, 4096, 9000)), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    })
    const content = newContent()
    fc.assert(
      fc.property(lengths, fc.nat(255), (frames, first) => {
        const total = frames.flat().reduce((sum, length) => sum + length, 0)
        const whole = Buffer.from(Uint8Array.from({ length: total }, (_, at) => first + at))
        content.begin(ROUTING, 0, ROUTING.length, 0)
        if (header(content, encodeHeader({}, total))) return total === 0
        let at = 0
        for (const frame of frames) {
          for (const length of frame) {
            content.bodyPiece(whole, at, at + length)
            at += length
          }
          if (content.bodyEnd()) break
        }
        return at === total && content.message.copyBody().equals(whole)
      }),
      cases(400),
    )
  })
})

describe('a message that the next chunk is to complete', () => {
  const chunk = (octets: Buffer): Buffer => Buffer.concat([Buffer.from('.'), octets])
  const withHeader = encodeHeader({ contentType: 'a/b' }, 5)

  /** Plays frames, the chunk they came in being overwritten after each; returns the message's parts. */
  function played(...pieces: readonly string[]): readonly string[] {
    const content = newContent()
    const spoiled = (octets: Buffer, play: (bytes: Buffer) => void): void => {
      const bytes = chunk(octets)
      play(bytes)
      content.detach()
      bytes.fill(0xee)
    }
    spoiled(ROUTING, (bytes) => content.begin(bytes, 1, bytes.length, 0))
    spoiled(withHeader, (bytes) => void content.header(bytes, 1, bytes.length))
    for (const piece of pieces) spoiled(Buffer.from(piece), (bytes) => content.bodyPiece(bytes, 1, bytes.length))
    expect(content.bodyEnd()).toBe(true)
    const { message } = content
    const kept = message.header.subarray(message.headerStart, message.headerEnd)
    return [message.exchange, message.routingKey, kept.toString('hex'), message.copyBody().toString()]
  }

  it.each([[['hello']], [['he', 'llo']], [['h', 'e', 'l', 'l', 'o']]])('is whole in the end: %p', (pieces) => {
    expect(played(...pieces)).toEqual(['x', 'key', withHeader.toString('hex'), 'hello'])
  })

  it('is no matter where none was begun', () => {
    const content = newContent()
    content.detach()
    expect(refusal(() => content.checkMethod())).toBeNull()
  })
})
