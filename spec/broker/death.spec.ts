// What a death leaves on a message, field by field (behaviour.md §9.4, §9.5).

import { type DeadLetter, type Death, deadLetter, isCycle } from '../../src/broker/death.ts'
import { encodeRouting, type Message } from '../../src/broker/message.ts'
import { type FieldTable, type FieldValue, table, toPlain } from '../../src/protocol/field-table.ts'
import { decodeProperties, encodeHeader, type Properties } from '../../src/protocol/properties.ts'
import { messageFrom } from '../support/message.ts'

const AT_MS = 1_700_000_000_999
const rejected: Death = { queue: 'work', reason: 'rejected', atMs: AT_MS }
const expired: Death = { ...rejected, reason: 'expired' }
/** To the exchange dlx, with the message's own keys. */
const own = { exchange: 'dlx', routingKey: null }
const keyed = { exchange: 'dlx', routingKey: 'dead' }

function messageOf(properties: Properties, marks: Partial<Message> = {}): Message {
  return messageFrom(encodeRouting('ex', 'key'), encodeHeader(properties, 4), Buffer.from('body'), marks)
}

const strings = (...values: readonly string[]): FieldValue => ({
  tag: 'A',
  value: values.map((value) => ({ tag: 'S', value })),
})

const propertiesOf = ({ message }: DeadLetter): Properties =>
  decodeProperties(message.header, message.headerStart, message.headerEnd)

function deathsOf(letter: DeadLetter): readonly FieldTable[] {
  const history = propertiesOf(letter).headers?.get('x-death')
  if (history?.tag !== 'A') throw new Error('no x-death')
  return history.value.map((entry) => entry.value as FieldTable)
}

const summary = (letter: DeadLetter): readonly unknown[] =>
  deathsOf(letter).map((death) => {
    const { count, queue, reason } = toPlain(death)
    return [count, queue, reason]
  })

describe('a first death', () => {
  it('is noted with the types and in the order of RabbitMQ 4', () => {
    const letter = deadLetter(messageOf({}), rejected, own)
    expect(deathsOf(letter).map((death) => [...death])).toEqual([
      [
        ['count', { tag: 'l', value: 1 }],
        ['reason', { tag: 'S', value: 'rejected' }],
        ['queue', { tag: 'S', value: 'work' }],
        ['time', { tag: 'T', value: 1_700_000_000 }],
        ['exchange', { tag: 'S', value: 'ex' }],
        ['routing-keys', strings('key')],
      ],
    ])
    expect(letter.deaths).toEqual(deathsOf(letter))
    expect(letter.headers).toEqual(propertiesOf(letter).headers)
  })

  it('takes the expiration away and notes it, before all else', () => {
    const letter = deadLetter(messageOf({ expiration: '100', priority: 3 }, { expiresAt: 5 }), expired, own)
    expect([...(deathsOf(letter)[0] as FieldTable)][0]).toEqual(['original-expiration', { tag: 'S', value: '100' }])
    const { headers: _, ...properties } = propertiesOf(letter)
    expect(properties).toEqual({ priority: 3 })
    expect(letter.message.expiresAt).toBe(0)
  })

  it('says where it was for the first and for the last time', () => {
    const { headers } = deadLetter(messageOf({ headers: table({ a: 1 }) }), rejected, own)
    const { 'x-death': _, ...others } = toPlain(headers)
    const place = (when: string) => ({
      [`x-${when}-death-queue`]: 'work',
      [`x-${when}-death-reason`]: 'rejected',
      [`x-${when}-death-exchange`]: 'ex',
    })
    expect(others).toEqual({ a: 1, ...place('first'), ...place('last') })
  })

  it('ignores a history that a client has written', () => {
    const headers = new Map(deadLetter(messageOf({}), { ...rejected, queue: 'elsewhere' }, own).headers)
    const letter = deadLetter(messageOf({ headers }), rejected, own)
    expect(summary(letter)).toEqual([[1, 'work', 'rejected']])
    expect(toPlain(letter.headers)).toMatchObject({ 'x-first-death-queue': 'work' })
    expect(
      deadLetter(messageOf({ headers: table({ 'x-death': 5 }) }, { dead: true }), rejected, own).deaths.length,
    ).toBe(1)
  })

  it('leaves body and persistence as they were', () => {
    const { message } = deadLetter(messageOf({ deliveryMode: 2 }), rejected, own)
    expect([message.copyBody().toString(), message.persistent, message.dead]).toEqual(['body', true, true])
    // A quorum queue keeps what is transient as well: the record is persistent, the message is not.
    expect(deadLetter(messageOf({}, { persistent: true }), rejected, own).message.persistent).toBe(false)
  })
})

describe('a further death', () => {
  const again = (letter: DeadLetter, death: Death): DeadLetter => deadLetter(letter.message, death, own)

  it('goes before the others, and counts where it is of the same queue and reason', () => {
    const first = deadLetter(messageOf({ expiration: '7' }), rejected, own)
    const second = again(first, { ...expired, queue: 'retry', atMs: AT_MS + 5000 })
    const third = again(second, { ...rejected, atMs: AT_MS + 9000 })
    const fourth = again(third, expired)
    expect([second, third, fourth].map(summary)).toEqual([
      [
        [1, 'retry', 'expired'],
        [1, 'work', 'rejected'],
      ],
      [
        [2, 'work', 'rejected'],
        [1, 'retry', 'expired'],
      ],
      [
        [1, 'work', 'expired'],
        [2, 'work', 'rejected'],
        [1, 'retry', 'expired'],
      ],
    ])
  })

  it('leaves the rest of an entry as it was at the first', () => {
    const second = again(deadLetter(messageOf({ expiration: '7' }), rejected, own), { ...rejected, atMs: AT_MS + 9000 })
    expect(toPlain(deathsOf(second)[0] as FieldTable)).toEqual({
      'original-expiration': '7',
      count: 2,
      reason: 'rejected',
      queue: 'work',
      time: 1_700_000_000,
      exchange: 'ex',
      'routing-keys': ['key'],
    })
  })

  it('changes what is said of the last one, not of the first', () => {
    const second = again(deadLetter(messageOf({}), rejected, own), { ...expired, queue: 'retry' })
    expect(toPlain(second.headers)).toMatchObject({
      'x-first-death-queue': 'work',
      'x-first-death-reason': 'rejected',
      'x-first-death-exchange': 'ex',
      'x-last-death-queue': 'retry',
      'x-last-death-reason': 'expired',
      'x-last-death-exchange': 'dlx',
    })
  })
})

describe('the keys of a dead letter', () => {
  const headers: FieldTable = new Map([
    ['CC', strings('one', 'two')],
    ['BCC', strings('blind')],
  ])
  const copied = messageOf({ headers }, { copies: true })

  it('are its own, CC and BCC among them; the history has no BCC', () => {
    const letter = deadLetter(copied, rejected, own)
    expect(letter.keys).toEqual(['key', 'one', 'two', 'blind'])
    expect(deathsOf(letter)[0]?.get('routing-keys')).toEqual(strings('key', 'one', 'two'))
    expect([letter.message.copies, letter.headers.has('CC'), letter.headers.has('BCC')]).toEqual([true, true, true])
    expect([letter.message.exchange, letter.message.routingKey]).toEqual(['dlx', 'key'])
  })

  it('are the one of the queue, and from then on CC is a header like any other', () => {
    const letter = deadLetter(copied, rejected, keyed)
    expect([letter.keys, letter.message.routingKey]).toEqual([['dead'], 'dead'])
    expect([letter.message.copies, letter.headers.has('CC'), letter.headers.has('BCC')]).toEqual([false, true, false])
    const next = deadLetter(letter.message, { ...rejected, queue: 'next' }, own)
    expect(next.keys).toEqual(['dead'])
    expect(deathsOf(next)[0]?.get('routing-keys')).toEqual(strings('dead'))
  })

  it('are not those of headers that nobody took for keys', () => {
    expect(deadLetter(messageOf({ headers }), rejected, own).keys).toEqual(['key'])
  })
})

describe('a circle', () => {
  const died = (queue: string, reason: string): FieldTable => table({ queue, reason })

  it.each<[string, readonly FieldTable[], boolean]>([
    ['is a death in that queue by itself', [died('q', 'expired')], true],
    ['is one further back', [died('p', 'maxlen'), died('q', 'expired')], true],
    ['is none where it never died there', [died('p', 'expired')], false],
    ['is none when it was rejected there', [died('q', 'rejected')], false],
    ['is none when it was rejected since', [died('p', 'rejected'), died('q', 'expired')], false],
    ['is one when it was rejected before', [died('q', 'expired'), died('p', 'rejected')], true],
  ])('%s', (_, deaths, circle) => {
    expect(isCycle(deaths, 'q')).toBe(circle)
  })
})
