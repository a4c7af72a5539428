// Records that can be kept.

import type { BrokerEvent } from '../../src/testing/events.ts'
import { messageOf } from '../../src/testing/publish.ts'
import { fromNdjson, toNdjson } from '../../src/testing/record.ts'
import { seen } from '../../src/testing/seen-message.ts'

function published(body: unknown): BrokerEvent {
  const place = { number: 1, at: 5, vhost: '/', connection: 1, channel: 1, user: 'guest' }
  const message = seen(messageOf('e', 'k', body, { headers: { a: 1 } }))
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

  it.each(['{', '[]', 'null', '{"number":1}'])('is not %j', (line) => {
    expect(() => fromNdjson(`\n${line}\n`)).toThrow('line 2 is no event')
  })
})
