// Reply codes and texts, as clients get to see them in close methods. Renderings are those that RabbitMQ printed.

import fc from 'fast-check'
import {
  ChannelError,
  ConnectionError,
  cannotDecode,
  exchangeText,
  frameText,
  isHard,
  notFound,
  ProtocolError,
  preconditionFailed,
  queueText,
  type ReplyCode,
  renderBytes,
  renderOctets,
  replyCodes,
} from '../../src/protocol/reply.ts'
import { cases, text } from '../support/arbitraries.ts'

const render = (...bytes: number[]): string => renderBytes(Buffer.from(bytes), 0, bytes.length)

describe('reply codes', () => {
  test('are the eighteen of AMQP 0-9-1, seven of them soft', () => {
    const codes = Object.keys(replyCodes).map(Number) as ReplyCode[]
    expect(codes).toHaveLength(18)
    expect(codes.filter((code) => !isHard(code))).toEqual([311, 312, 313, 403, 404, 405, 406])
  })

  test.each([
    [320, 'CONNECTION_FORCED', true],
    [403, 'ACCESS_REFUSED', false],
    [404, 'NOT_FOUND', false],
    [406, 'PRECONDITION_FAILED', false],
    [530, 'NOT_ALLOWED', true],
    [541, 'INTERNAL_ERROR', true],
  ] as const)('%d is %s, hard: %p', (code, name, hard) => {
    expect(replyCodes[code]).toBe(name)
    expect(isHard(code)).toBe(hard)
  })
})

describe('a protocol error', () => {
  test('puts the name of its code before the explanation', () => {
    expect(notFound(queueText('jobs', '/')).replyText).toBe("NOT_FOUND - no queue 'jobs' in vhost '/'")
    expect(preconditionFailed(`${exchangeText("it's", 'v')} in use`).replyText).toBe(
      "PRECONDITION_FAILED - exchange 'it's' in vhost 'v' in use",
    )
  })

  test('without an explanation is the bare name', () => {
    expect(new ConnectionError(541, '', { classId: 0, methodId: 0 }).replyText).toBe('INTERNAL_ERROR')
  })

  test('leaves the ids open for the place that answers', () => {
    const error = notFound(queueText('jobs', '/'))
    expect([error.classId, error.methodId]).toEqual([undefined, undefined])
  })

  test('keeps the ids that it was given', () => {
    const error = new ChannelError(406, 'why', { classId: 50, methodId: 10 })
    expect([error.code, error.classId, error.methodId]).toEqual([406, 50, 10])
  })

  test('says which of the two it is', () => {
    expect(new ChannelError(404, '')).toBeInstanceOf(ProtocolError)
    expect(new ChannelError(404, '')).not.toBeInstanceOf(ConnectionError)
    expect(new ConnectionError(501, '').name).toBe('ConnectionError')
  })

  test('has lost sync only where it says so', () => {
    expect(new ConnectionError(501, 'why').lostSync).toBe(false)
    expect(new ConnectionError(501, 'why', undefined, true).lostSync).toBe(true)
  })
})

describe('a reply text', () => {
  test('is kept whole at 255 octets and cut at 256', () => {
    const head = 'NOT_FOUND - '
    const whole = 'a'.repeat(255 - head.length)
    expect(new ChannelError(404, whole).replyText).toBe(head + whole)
    expect(new ChannelError(404, `${whole}a`).replyText).toBe(`${head}${whole.slice(0, -3)}...`)
  })

  test('is never cut within a code point', () => {
    // 12 octets of code name, then pairs: 240 octets of them fit before the dots.
    expect(new ChannelError(404, 'é'.repeat(200)).replyText).toBe(`NOT_FOUND - ${'é'.repeat(120)}...`)
    expect(new ChannelError(404, '🐇'.repeat(200)).replyText).toBe(`NOT_FOUND - ${'🐇'.repeat(60)}...`)
    expect(new ChannelError(404, `a${'é'.repeat(200)}`).replyText).toBe(`NOT_FOUND - a${'é'.repeat(119)}...`)
  })

  test('fits a shortstr and begins like the full one, whatever the explanation', () => {
    fc.assert(
      fc.property(text(600), (explanation) => {
        const reply = new ChannelError(406, explanation).replyText
        const full = explanation === '' ? 'PRECONDITION_FAILED' : `PRECONDITION_FAILED - ${explanation}`
        expect(Buffer.byteLength(reply)).toBeLessThanOrEqual(255)
        expect(Buffer.from(reply).toString()).toBe(reply)
        if (reply !== full) {
          expect(reply.endsWith('...')).toBe(true)
          expect(full.startsWith(reply.slice(0, -3))).toBe(true)
          expect(Buffer.byteLength(reply)).toBeGreaterThan(255 - 4)
        }
      }),
      cases(2000),
    )
  })
})

describe('octets in reply texts', () => {
  test('are text where all of it prints', () => {
    expect(render(...Buffer.from('zz'))).toBe('<<"zz">>')
    expect(render(...Buffer.from('café'))).toBe('<<"café">>')
  })

  test('are numbers as soon as one does not', () => {
    expect(render(1, 2, 255)).toBe('<<1,2,255>>')
    expect(render(65, 127)).toBe('<<65,127>>')
    expect(render(65, 128)).toBe('<<65,128>>')
    expect(render(0)).toBe('<<0>>')
  })

  test('are an empty binary where there are none', () => {
    expect(render()).toBe('<<>>')
  })

  test('have the escapes of Erlang', () => {
    expect(render(...Buffer.from('a"b\\\n\t\r\v\b\f\x1b'))).toBe('<<"a\\"b\\\\\\n\\t\\r\\v\\b\\f\\e">>')
  })

  test('print as Latin-1 where they are no UTF-8', () => {
    expect(render(65, 233)).toBe('<<"Aé">>')
    expect(render(65, 160)).toBe('<<"A\u00a0">>')
  })

  test('are only those of the range', () => {
    expect(renderBytes(Buffer.from('abcdef'), 2, 4)).toBe('<<"cd">>')
    expect(renderOctets(Buffer.from('abcdef'), 2, 4)).toBe('<<99,100>>')
  })

  test('of arguments that do not decode are numbers even where they print', () => {
    const error = cannotDecode(Buffer.from('abc'), 0, 3, { classId: 50, methodId: 10 })
    expect([error.replyText, error.code, error.classId, error.methodId]).toEqual([
      'FRAME_ERROR - cannot decode <<97,98,99>>',
      501,
      50,
      10,
    ])
  })

  test('of a long payload cost no more than a reply text shows', () => {
    expect(renderOctets(Buffer.alloc(1_000_000), 0, 1_000_000).length).toBeLessThan(600)
  })
})

// Each text as RabbitMQ 3.10.8 (Erlang 25) printed it.
describe('a frame that cannot be', () => {
  const shown = (type: number, bytes: readonly number[], reason?: string): string =>
    frameText(type, Buffer.from(bytes), 0, bytes.length, reason)

  test('is shown with its type, octets and reason', () => {
    expect(shown(8, [122, 122], 'unknown_frame')).toBe('type 8, all octets = <<"zz">>: unknown_frame')
    expect(shown(1, [0, 10, 0, 11], '{invalid_frame_end_marker,204}')).toBe(
      'type 1, all octets = <<0,10,0,11>>: {invalid_frame_end_marker,204}',
    )
    expect(shown(1, [], '{frame_too_large,200000,131064}')).toBe(
      'type 1, all octets = <<>>: {frame_too_large,200000,131064}',
    )
  })

  test('is shown without a reason where there is none', () => {
    expect(shown(2, [])).toBe('type 2, all octets = <<>>')
  })

  test('shows sixteen octets of a longer payload', () => {
    expect(shown(1, new Array(17).fill(1), 'unknown_frame')).toBe(
      'type 1, first 16 octets = <<1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1>>: unknown_frame',
    )
  })

  test('has its reason on two lines where one is too short', () => {
    expect(shown(1, new Array(17).fill(255), '{invalid_frame_end_marker,204}')).toBe(
      `type 1, first 16 octets = <<"${'ÿ'.repeat(16)}">>: {invalid_frame_end_marker,\n${' '.repeat(51)}204}`,
    )
  })

  test('has its octets on two lines where one is too short', () => {
    expect(shown(1, new Array(16).fill(128), 'unknown_frame')).toBe(
      `type 1, all octets = <<${'128,'.repeat(14)}\n${' '.repeat(23)}128,128>>: unknown_frame`,
    )
  })
})
