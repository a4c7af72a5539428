// Messages as a test sees them: plain data.

import { messageOf } from '../../src/testing/publish.ts'
import { seen } from '../../src/testing/seen-message.ts'

describe('a message that is seen', () => {
  it('is plain data, apart from the octets that it came in', () => {
    const message = messageOf('e', 'k', { id: 1 }, { headers: { retries: 2 }, messageId: 'm' })
    const data = seen(message)
    message.body.fill(0)
    expect(data).toEqual({
      exchange: 'e',
      routingKey: 'k',
      properties: { contentType: 'application/json', deliveryMode: 2, messageId: 'm' },
      headers: { retries: 2 },
      body: { id: 1 },
      octets: Buffer.from('{"id":1}'),
      propertyOctets: message.header.subarray(message.headerStart + 12, message.headerEnd),
    })
  })

  it.each([
    ['JSON by its type', '1', 'application/vnd.x+json', 1],
    ['JSON by its looks', '[1]', undefined, [1]],
    ['text by its type', '[1]', 'text/plain', '[1]'],
    ['what only looks like JSON', '{not', undefined, '{not'],
    ['what is only said to be JSON', 'oops', 'application/json', 'oops'],
    ['text', 'hello', undefined, 'hello'],
    ['nothing', '', undefined, ''],
  ])('has %s as its body', (_, body, contentType, decoded) => {
    const options = contentType === undefined ? {} : { contentType }
    expect(seen(messageOf('', 'q', body, options)).body).toEqual(decoded)
  })

  it('leaves octets that are no text as they are', () => {
    const octets = Buffer.from([0xff, 0xfe])
    expect(seen(messageOf('', 'q', octets)).body).toEqual(octets)
  })
})
