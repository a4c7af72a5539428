// §3.1 of the behaviour reference: field tables, and what §3 says of those that do not parse.

import { fieldBytes, shortstr } from '../client/field-table.ts'
import { a, hex } from '../peers.ts'
import { differ, type Scenario, type Steps, scenario } from '../scenario.ts'

const badTables: readonly (readonly [row: string, bytes: Buffer])[] = [
  ['unknown type letter', Buffer.concat([shortstr('k'), Buffer.from('Z')])],
  ['value cut short', Buffer.concat([shortstr('k'), fieldBytes(1).subarray(0, 3)])],
  ['string longer than the table', Buffer.concat([shortstr('k'), hex('53 000000ff 61')])],
  ['key longer than the table', hex('20 61')],
  ['inner table longer than the outer', Buffer.concat([shortstr('k'), hex('46 000000ff')])],
  ['array item cut short', Buffer.concat([shortstr('k'), hex('41 00000002 4900')])],
]

// RabbitMQ drops TCP here without a word; the reference chooses an answer. Which text it has is ours to say.
const dropped: readonly Scenario[] = [
  scenario('3', 'unknown class id', 'answers an unknown class with 503 and ends', [
    a.ready(),
    a.rawMethod(1, '61/10', Buffer.alloc(0)),
    differ('§19 unknown class/method id: 501/503 close, then drop', a.skips('connection.close'), a.closed(0, 1)),
  ]),
  scenario('3', 'unknown method id', 'answers an unknown method with 503 and ends', [
    a.ready(),
    a.rawMethod(1, '60/77', Buffer.alloc(0)),
    differ('§19 unknown class/method id: 501/503 close, then drop', a.skips('connection.close'), a.closed(0, 1)),
  ]),
  scenario('3', 'unknown method id on channel 0', 'answers an unknown method on channel 0 with an error and ends', [
    a.ready(),
    a.rawMethod(0, '10/99', Buffer.alloc(0)),
    differ('§19 unknown class/method id: 501/503 close, then drop', a.skips('connection.close'), a.closed(0, 1)),
  ]),
  ...badTables.map(([row, bytes]) =>
    scenario('3', `field table: ${row}`, `answers a field table that does not parse with an error and ends: ${row}`, [
      a.ready(),
      a.send(1, 'queue.declare', { queue: '$q', arguments: bytes }),
      differ('§19 bad table: 501/503 close, then drop', a.skips('connection.close'), a.closed(0, 1)),
    ]),
  ),
]

const everyType = {
  S: 'text',
  I: ['I', -7],
  D: ['D', [2, 314]],
  T: ['T', 1_700_000_000],
  F: { inner: { deeper: 'still' } },
  A: ['A', [1, 'two', ['A', [true, null]]]],
  b: ['b', -8],
  B: ['B', 200],
  u: ['u', 65_000],
  s: ['s', -300],
  i: ['i', 4_000_000_000],
  d: ['d', 1.5],
  f: ['f', 0.25],
  l: ['l', -9_000_000_000],
  t: true,
  x: ['x', hex('00 ff 10')],
  V: null,
} as const

const everyTypeText =
  "S:S'text' I:I-7 D:D2,314 T:T1700000000 F:F{inner:F{deeper:S'still'}} A:A[I1 S'two' A[ttrue V]] b:b-8 B:B200 " +
  'u:u65000 s:s-300 i:i4000000000 d:d1.5 f:f0.25 l:l-9000000000 t:ttrue x:x0x00ff10 V:V'

/** Publishes one message with these headers; it comes back with those. */
function headersRoundTrip(row: string, name: string, headers: unknown, text: Steps | string): Scenario {
  const got = (shown: string) => a.gets(1, '$q', `get-ok(1, false, '', '$q', 0) {headers:{${shown}}} ''`)
  return scenario('3.1', row, name, [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', '', { properties: { headers } }),
    typeof text === 'string' ? got(text) : text,
  ])
}

const tables: readonly Scenario[] = [
  headersRoundTrip('types accepted', 'carries every field type unchanged in message headers', everyType, everyTypeText),
  headersRoundTrip('L', 'reads L as a signed 64-bit integer', { k: ['L', 5] }, [
    a.send(1, 'basic.get', { queue: '$q' }),
    differ(
      '§3.1 L comes back as l from 4.0 on; the headers are free to stay as they were (§19 message header order: preserve)',
      a.skips('basic.get-ok'),
      a.sees("1 basic.get-ok(1, false, '', '$q', 0) {headers:{k:L5}} ''"),
    ),
  ]),
  headersRoundTrip(
    'bool',
    'takes any non-zero octet for true',
    Buffer.concat([shortstr('k'), Buffer.from('t'), hex('07'), shortstr('z'), Buffer.from('t'), hex('00')]),
    'k:ttrue z:tfalse',
  ),
  headersRoundTrip('void', 'carries void values', { nothing: null }, 'nothing:V'),
  headersRoundTrip('long strings', 'carries strings of 65 kB', { k: 'x'.repeat(66_000) }, 'k:S(66000 characters)'),
  headersRoundTrip(
    'nesting',
    'carries tables nested eight deep',
    { 1: { 2: { 3: { 4: { 5: { 6: { 7: { 8: 'deep' } } } } } } } },
    "1:F{2:F{3:F{4:F{5:F{6:F{7:F{8:S'deep'}}}}}}}",
  ),
  headersRoundTrip('empty table', 'carries an empty headers table', {}, ''),
  scenario('3.1', 'types accepted in arguments', 'accepts every field type in method arguments', [
    a.ready(),
    a.declares(1, '$q', { arguments: everyType }),
    a.binds(1, '$q', 'amq.direct', '$q', { k: ['L', 1] }),
  ]),
]

export const fieldTables: readonly Scenario[] = [...dropped, ...tables]
