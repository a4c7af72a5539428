// Records that can be kept.

import { encodeHeader } from '../../src/protocol/properties.ts'
import type { BrokerEvent, Published } from '../../src/testing/events.ts'
import { messageAgain, messageOf, type PublishOptions } from '../../src/testing/publish.ts'
import { fromNdjson, toNdjson } from '../../src/testing/record.ts'
import { seen } from '../../src/testing/seen-message.ts'

function published(body: unknown, options: PublishOptions = { headers: { a: 1 } }): BrokerEvent {
  const place = { number: 1, at: 5, vhost: '/', connection: 1, channel: 1, user: 'guest' }
  const message = seen(messageOf('e', 'k', body, options))
  return { ...place, event: 'published', message, routed: ['q'], mandatory: false, confirm: true, outcome: 'routed' }
}

describe('a record', () => {
  it('is a JSON document a line, and the same when it is read', () => {
    const events: readonly BrokerEvent[] = [
      published({ id: 1 }),
      published('text'),
      published(Buffer.from([0xff, 0])),
      { number: 2, at: 5, vhost: '/', event: 'purged', queue: 'q', count: 1, test: 'a test' },
    ]
    const text = toNdjson(events)
    expect(text.trimEnd().split('\n')).toHaveLength(4)
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({
      message: { body: { id: 1 }, octets: 'eyJpZCI6MX0=' },
    })
    expect(fromNdjson(text)).toEqual(events)
    expect(fromNdjson('')).toEqual([])
  })

  it('has octets of properties only where JSON does not say what they are', () => {
    const options = { messageId: 'm', headers: { n: 1, text: 'a', list: [true, { x: 0.5 }], nothing: null } }
    const plain = published('x', options)
    expect(toNdjson([plain])).not.toContain('propertyOctets')
    const table = encodeHeader({ headers: new Map([['when', { tag: 'T', value: 5 }]]) }, 1)
    const { message } = plain as Published
    const exact = { ...plain, message: seen(messageAgain({ ...message, propertyOctets: table.subarray(12) })) }
    expect(toNdjson([exact as BrokerEvent])).toContain('"headers":{"when":5}')
    expect(fromNdjson(toNdjson([plain, exact as BrokerEvent]))).toEqual([plain, exact])
  })

  it('can be written by hand, and changed', () => {
    const written = '{"event":"published","message":{"exchange":"","routingKey":"q","body":{"a":1},"headers":{"n":1}}}'
    expect(fromNdjson(written)).toMatchObject([
      { message: { octets: Buffer.from('{"a":1}'), headers: { n: 1 }, properties: {} } },
    ])
    const line = toNdjson([published({ id: 1 })])
    expect(() => fromNdjson(line.replace('"id":1', '"id":2'))).toThrow(
      'line 1 is no event: body: not what octets says; who changes the one leaves the other out',
    )
    expect(fromNdjson(line.replace('"a":1', '"a":2'))).toMatchObject([{ message: { headers: { a: 2 } } }])
    expect(() => fromNdjson(written.replace('"headers"', '"properties"'))).toThrow(
      'properties: {"n":1} is nothing that a message can have',
    )
  })

  it.each([
    [{ routingKey: 'q', body: 'x' }, 'exchange: undefined, expected text'],
    [{ exchange: '', routingKey: 7, body: 'x' }, 'routingKey: 7, expected text'],
    [
      { exchange: '', routingKey: 'q', body: 'x', properties: { deliveryMode: '2' } },
      'properties: {"deliveryMode":"2"}',
    ],
    [{ exchange: '', routingKey: 'q', body: 'x', propertyOctets: '!' }, 'propertyOctets: "!"'],
  ])('says what of a message is none: %j', (message, complaint) => {
    expect(() => fromNdjson(JSON.stringify({ event: 'published', message }))).toThrow(
      `line 1 is no event: ${complaint}`,
    )
  })

  it.each(['{', '[]', 'null', '{"number":1}'])('is not %j', (line) => {
    expect(() => fromNdjson(`\n${line}\n`)).toThrow('line 2 is no event')
  })
})
