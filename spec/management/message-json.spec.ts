// Messages as JSON, there and back.

import { jsonOfPayload, jsonOfProperties, payloadOfJson, propertiesOfJson } from '../../src/management/message-json.ts'

const all = {
  content_type: 'text/plain',
  content_encoding: 'gzip',
  headers: { a: 1, b: 's', c: [1, 2.5], d: { e: null, f: true } },
  delivery_mode: 2,
  priority: 5,
  correlation_id: 'c',
  reply_to: 'r',
  expiration: '1000',
  message_id: 'm',
  timestamp: 1234567890,
  type: 't',
  user_id: 'guest',
  app_id: 'app',
  cluster_id: 'cl',
}

describe('properties', () => {
  it.each([[all], [{}], [{ priority: 0 }]])('come back: %j', (json) => {
    expect(jsonOfProperties(propertiesOfJson(json))).toEqual(json)
  })

  it('may be an empty list, and have names that nobody knows', () => {
    expect(propertiesOfJson([])).toEqual({})
    expect(propertiesOfJson({ unknown: 1, toString: 2 })).toEqual({})
  })

  it.each([
    ['x', 'properties: expected an object, not a text'],
    [null, 'properties: expected an object, not null'],
    [[1], 'properties: expected an object, not a list'],
    [{ type: 5 }, 'properties.type: expected a text, not a number'],
    [{ type: 'x'.repeat(256) }, 'properties.type: 255 octets at most'],
    [{ delivery_mode: '2' }, 'properties.delivery_mode: expected a whole number from 0 to 255'],
    [{ priority: 256 }, 'properties.priority: expected a whole number from 0 to 255'],
    [{ timestamp: 1.5 }, 'properties.timestamp: expected a whole number from 0 to 9007199254740991'],
    [{ headers: 5 }, 'properties.headers: expected an object of arguments, not a number'],
  ])('are not %j', (json, message) => {
    expect(() => propertiesOfJson(json)).toThrow(message)
  })
})

describe('payloads', () => {
  const octets = Buffer.from('hé')

  it('are text where that is possible, and cut where that is asked', () => {
    expect(jsonOfPayload(octets, 'auto')).toEqual({ payload: 'hé', payload_encoding: 'string' })
    expect(jsonOfPayload(octets, 'base64')).toEqual({ payload: 'aMOp', payload_encoding: 'base64' })
    expect(jsonOfPayload(octets, 'auto', 1)).toEqual({ payload: 'h', payload_encoding: 'string' })
    expect(jsonOfPayload(octets, 'auto', 2)).toEqual({ payload: 'aMM=', payload_encoding: 'base64' })
    expect(jsonOfPayload(octets, 'auto', 3)).toMatchObject({ payload: 'hé' })
    expect(jsonOfPayload(Buffer.from([255]), 'auto')).toEqual({ payload: '/w==', payload_encoding: 'base64' })
  })

  it.each([
    ['hé', 'string', 'hé'],
    ['aMOp', 'base64', 'hé'],
    ['aMOp\n', 'base64', 'hé'],
    ['aA', 'base64', 'h'],
    ['', 'base64', ''],
  ])('%j as %s', (payload, encoding, text) => {
    expect(payloadOfJson(payload, encoding).toString()).toBe(text)
  })

  it.each([
    [5, 'string', 'payload_not_string: payload is a number'],
    [undefined, 'string', 'payload_not_string: payload is nothing'],
    ['!!!', 'base64', 'not_base64'],
    [`${'='.repeat(2 ** 20)}!`, 'base64', 'not_base64'],
    ['x', 'zip', "unsupported_encoding: 'zip' is neither string nor base64"],
  ])('are not %j as %s', (payload, encoding, message) => {
    expect(() => payloadOfJson(payload, encoding)).toThrow(message)
  })
})
