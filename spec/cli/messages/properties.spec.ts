// Properties under AMQP's names and amqplib's, and headers in JSON.

import { fromJson, named, propertiesOf, publishOptions, toJson } from '../../../src/cli/messages/properties.ts'

const properties = (values: object) => ({ properties: values as never })

describe('properties', () => {
  it('have the names of AMQP, and only those that are there', () => {
    const all = { contentType: 'a', deliveryMode: 2, headers: { x: 1 }, messageId: undefined, clusterId: 'no' }
    expect(propertiesOf(properties(all))).toEqual({ content_type: 'a', delivery_mode: 2, headers: { x: 1 } })
    expect(propertiesOf(properties({ headers: {} }))).toEqual({})
  })

  it('go back to amqplib', () => {
    expect(
      publishOptions({ content_type: 'a', priority: '5', headers: { x: 1 }, message_id: 7, user_id: 'me' }),
    ).toEqual({ contentType: 'a', priority: 5, headers: { x: 1 }, messageId: '7', userId: 'me' })
  })

  it.each([
    [{ colour: 'red' }, /there is no property "colour", expected one of content_type/],
    [{ priority: 'high' }, /property priority: got "high", expected a whole number from 0 to 255/],
    [{ priority: 256 }, /property priority/],
    [{ timestamp: -1 }, /property timestamp/],
  ])('that make no sense are refused: %j', (values, line) => {
    expect(() => publishOptions(values)).toThrow(line)
  })
})

describe('headers in JSON', () => {
  it('keep octets, and what has a type of its own', () => {
    const headers = { a: [Buffer.from([0, 255]), 1], b: { '!': 'timestamp', value: 5 }, c: null }
    const json = { a: [{ '!': 'bytes', value: 'AP8=' }, 1], b: { '!': 'timestamp', value: 5 }, c: null }
    expect(toJson(headers)).toEqual(json)
    expect(fromJson(JSON.parse(JSON.stringify(json)))).toEqual(headers)
  })
})

it("properties have amqplib's names as they are, and those that it does not know have none", () => {
  const when = { '!': 'timestamp', value: 1 }
  expect(named({ message_id: 'm', headers: { when }, cluster_id: 'c', priority: undefined })).toEqual({
    messageId: 'm',
    headers: { when },
  })
})
