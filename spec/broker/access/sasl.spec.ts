// The SASL mechanisms, and everything that is not quite what they ask for (behaviour.md §2.4).

import fc from 'fast-check'
import { mechanismNames, readResponse } from '../../../src/broker/access/sasl.ts'
import { encodeTable, type FieldTable, table } from '../../../src/protocol/field-table.ts'
import { cases, mutated, octets } from '../../support/arbitraries.ts'

/** A table as AMQPLAIN sends it: without its length. */
function amqplain(fields: FieldTable): Buffer {
  return encodeTable(fields).subarray(4)
}

const guest = { user: 'guest', password: 'secret' }

describe('the mechanisms', () => {
  it('are offered by names that a space parts, EXTERNAL only to those with a certificate', () => {
    expect(mechanismNames(['PLAIN', 'AMQPLAIN', 'EXTERNAL'], false)).toBe('PLAIN AMQPLAIN')
    expect(mechanismNames(['PLAIN', 'EXTERNAL'], true)).toBe('PLAIN EXTERNAL')
  })

  it.each(['plain', 'Plain', 'AMQPlain', 'EXTERNAL', 'ANONYMOUS', '', 'toString', '__proto__', 'PLAIN AMQPLAIN'])(
    'with a password do not include %j',
    (mechanism) => expect(readResponse(mechanism, Buffer.from('\0guest\0secret'))).toBeNull(),
  )
})

describe('PLAIN', () => {
  it.each([
    ['\0guest\0secret', guest],
    ['\0\0', { user: '', password: '' }],
    ['\0guest\0', { user: 'guest', password: '' }],
    ['\0é\0ü ñ', { user: 'é', password: 'ü ñ' }],
  ])('is %j', (response, credentials) => {
    expect(readResponse('PLAIN', Buffer.from(response))).toEqual(credentials)
  })

  it.each([
    '',
    'guest',
    'guest\0secret',
    '\0guest',
    '\0',
    '\0guest\0secret\0',
    '\0guest\0sec\0ret',
    'me\0guest\0secret',
  ])('is not %j', (response) => expect(readResponse('PLAIN', Buffer.from(response))).toBeNull())
})

describe('AMQPLAIN', () => {
  it.each([
    ['in this order', table({ LOGIN: 'guest', PASSWORD: 'secret' })],
    ['in the other order', table({ PASSWORD: 'secret', LOGIN: 'guest' })],
    ['among others', table({ X: 1, LOGIN: 'guest', Y: null, PASSWORD: 'secret' })],
  ])('is LOGIN and PASSWORD %s', (_, fields) => {
    expect(readResponse('AMQPLAIN', amqplain(fields))).toEqual(guest)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no LOGIN', amqplain(table({ PASSWORD: 'secret' }))],
    ['no PASSWORD', amqplain(table({ LOGIN: 'guest' }))],
    ['names in other letters', amqplain(table({ login: 'guest', password: 'secret' }))],
    ['a LOGIN that is no string', amqplain(table({ LOGIN: 1, PASSWORD: 'secret' }))],
    ['a PASSWORD that is no string', amqplain(table({ LOGIN: 'guest', PASSWORD: Buffer.from('secret') }))],
    ['its length before it', encodeTable(table({ LOGIN: 'guest', PASSWORD: 'secret' }))],
    ['a table cut short', amqplain(table({ LOGIN: 'guest', PASSWORD: 'secret' })).subarray(0, -1)],
    ['what PLAIN asks for', Buffer.from('\0guest\0secret')],
  ])('is not %s', (_, response) => {
    expect(readResponse('AMQPLAIN', response)).toBeNull()
  })
})

it.each(['PLAIN', 'AMQPLAIN'])('%s takes any octets without an error', (mechanism) => {
  const sound = [Buffer.from('\0guest\0secret'), amqplain(table({ LOGIN: 'guest', PASSWORD: 'secret', n: [1] }))]
  fc.assert(
    fc.property(fc.oneof(octets(40), mutated(fc.constantFrom(...sound))), (response) => {
      const credentials = readResponse(mechanism, response)
      return credentials === null || (typeof credentials.user === 'string' && typeof credentials.password === 'string')
    }),
    cases(3000),
  )
})
