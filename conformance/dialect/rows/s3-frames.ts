// §3 of the behaviour reference: frames, their sizes, and payloads that do not decode.

import { a, hex } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const sizes: readonly Scenario[] = [
  scenario('3', 'payload up to frame_max', 'accepts a body frame whose payload is frame-max bytes long', [
    a.ready({ frameMax: 4096 }),
    a.declares(1, '$q'),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 4096),
    a.frame(3, 1, Buffer.alloc(4096, 0x78)),
    a.gets(1, '$q', `get-ok(1, false, '', '$q', 0) {} 4096 bytes in frames of 4088+8`),
  ]),
  scenario('3', 'payload > frame_max', 'refuses a body frame one byte over frame-max and ends TCP 3 s later', [
    a.ready({ frameMax: 4096 }),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 5000),
    a.frame(3, 1, Buffer.alloc(4097)),
    a.closesConnection(501, 'type 3, all octets = <<>>: {frame_too_large,4097,4088}', '0/0'),
    a.closed(2, 5),
  ]),
  scenario('3', 'payload > frame_max, method', 'refuses an oversized method frame as soon as its size is known', [
    a.ready({ frameMax: 4096 }),
    a.raw('head of a frame', hex('01 0001 00100000')),
    a.closesConnection(501, 'type 1, all octets = <<>>: {frame_too_large,1048576,4088}', '0/0'),
  ]),
  scenario('3', 'payload > frame_max, header', 'refuses an oversized header frame', [
    a.ready({ frameMax: 4096 }),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 0, { headers: { filler: 'x'.repeat(5000) } }),
    a.closesConnection(501, 'type 2, all octets = <<>>: {frame_too_large,5030,4088}', '0/0'),
  ]),
  scenario('3', 'payload > frame_max, default', 'measures against 131072 by default', [
    a.ready(),
    a.raw('head of a frame', hex('03 0001 00020001')),
    a.closesConnection(501, 'type 3, all octets = <<>>: {frame_too_large,131073,131064}', '0/0'),
  ]),
  ...[4096, 8192, 131072].map((frameMax) =>
    scenario('3', `outgoing body frames, frame-max ${frameMax}`, `splits bodies at ${frameMax - 8} bytes`, [
      a.ready({ frameMax }),
      a.declares(1, '$q'),
      a.publishes(1, '', '$q', { fill: 2 * (frameMax - 8) + 1 }),
      a.gets(
        1,
        '$q',
        `get-ok(1, false, '', '$q', 0) {} ${2 * (frameMax - 8) + 1} bytes in frames of ${frameMax - 8}+${frameMax - 8}+1`,
      ),
      a.publishes(1, '', '$q', { fill: frameMax - 8 }),
      a.gets(1, '$q', `get-ok(2, false, '', '$q', 0) {} ${frameMax - 8} bytes`),
    ]),
  ),
]

const malformed: readonly Scenario[] = [
  scenario('3', 'frame-end ≠ 0xCE', 'refuses a frame that does not end in 0xCE and ends TCP 3 s later', [
    a.ready(),
    a.frame(1, 1, hex('0014 0014 01'), 0xcd),
    a.skips('connection.close'),
    a.closed(2, 5),
  ]),
  ...(
    [
      [
        'short payload',
        1,
        hex('0014 0014 01'),
        0xcd,
        'type 1, all octets = <<0,20,0,20,1>>: {invalid_frame_end_marker,205}',
      ],
      ['zero', 8, Buffer.alloc(0), 0, 'type 8, all octets = <<>>: {invalid_frame_end_marker,0}'],
      [
        'long payload',
        3,
        Buffer.from('hello world this is a long one'),
        0x41,
        `type 3, first 16 octets = <<"hello world this">>: {invalid_frame_end_marker,\n${' '.repeat(51)}65}`,
      ],
    ] as const
  ).map(([row, type, payload, end, text]) =>
    scenario(
      '3',
      `frame-end ≠ 0xCE: ${row}`,
      `says what frame did not end in 0xCE, wrapped as RabbitMQ does (${row})`,
      [a.ready(), a.frame(type, 1, payload, end), a.closesConnection(501, text, '0/0')],
    ),
  ),
  scenario('3', 'unknown frame type', 'refuses an unknown frame type', [
    a.ready(),
    a.frame(4, 1, hex('01 02 03')),
    a.closesConnection(501, 'type 4, all octets = <<1,2,3>>: unknown_frame', '0/0'),
  ]),
  scenario('3', 'unknown frame type, printable payload', 'renders printable payloads as text', [
    a.ready(),
    a.frame(9, 1, Buffer.from('hello')),
    a.closesConnection(501, 'type 9, all octets = <<"hello">>: unknown_frame', '0/0'),
  ]),
  scenario('3', 'unknown frame type, long payload', 'renders the first 16 octets of a longer payload', [
    a.ready(),
    a.frame(5, 1, Buffer.from('abcdefghijklmnopqrstuvwxyz')),
    a.closesConnection(501, 'type 5, first 16 octets = <<"abcdefghijklmnop">>: unknown_frame', '0/0'),
  ]),
  scenario('3', 'unknown frame type, escapes', 'renders control characters and quotes as escapes', [
    a.ready(),
    a.frame(9, 1, Buffer.from('tab\there "q" \\')),
    a.closesConnection(501, 'type 9, all octets = <<"tab\\there \\"q\\" \\\\">>: unknown_frame', '0/0'),
  ]),
  scenario('3', 'unknown frame type, many numbers', 'wraps long lists of octets as RabbitMQ does', [
    a.ready(),
    a.frame(9, 1, Buffer.alloc(17, 140)),
    a.closesConnection(
      501,
      `type 9, first 16 octets = <<${'140,'.repeat(12)}\n${' '.repeat(28)}140,140,140,140>>: unknown_frame`,
      '0/0',
    ),
  ]),
  scenario('3', 'unknown frame type on channel 0', 'refuses an unknown frame type on channel 0', [
    a.ready(),
    a.frame(0, 0, Buffer.alloc(0)),
    a.closesConnection(501, 'type 0, all octets = <<>>: unknown_frame', '0/0'),
  ]),
  scenario('3', 'method frame shorter than 4 bytes', 'refuses a method frame without room for its ids', [
    a.ready(),
    a.frame(1, 1, hex('00 14 00')),
    a.closesConnection(501, 'type 1, all octets = <<0,20,0>>: unknown_frame', '0/0'),
  ]),
  scenario('3', 'header frame on channel 0', 'refuses a header frame on channel 0', [
    a.ready(),
    a.frame(2, 0, hex('003c 0000 0000000000000000 0000')),
    a.closesConnection(505, 'type 2, all octets = <<0,60,0,0,0,0,0,0,0,0,0,0,0,0>>', '0/0'),
  ]),
  scenario('3', 'body frame on channel 0', 'refuses a body frame on channel 0', [
    a.ready(),
    a.frame(3, 0, Buffer.from('body')),
    a.closesConnection(505, 'type 3, all octets = <<"body">>', '0/0'),
  ]),
]

const properties: readonly (readonly [row: string, bytes: string])[] = [
  ['truncated string', '8000 0531'],
  ['bytes left over', '8000 0131 31'],
  ['second flag word', '8001 0131 0000'],
  ['no flags at all', ''],
  ['truncated headers', '2000 000000ff 0161'],
  ['headers that do not parse', '2000 00000003 016151'],
  ['timestamp of 4 bytes', '0040 00000001'],
]

const undecodable: readonly Scenario[] = [
  ...properties.map(([row, bytes]) =>
    scenario('3', `content properties: ${row}`, `fails with 541 on content properties that do not decode: ${row}`, [
      a.ready(),
      a.send(1, 'basic.publish', { routingKey: '$q' }),
      a.header(1, 0, {}, { properties: hex(bytes) }),
      a.closesConnection(541, '', '0/0'),
    ]),
  ),
  scenario('3', 'arguments too short', 'refuses arguments that end too early', [
    a.ready(),
    a.rawMethod(1, '60/10', hex('00000000 00')),
    a.closesConnection(501, 'cannot decode <<0,0,0,0,0>>', '60/10'),
  ]),
  scenario('3', 'arguments with trailing bytes', 'refuses bytes behind the arguments', [
    a.ready(),
    a.rawMethod(1, '60/10', hex('00000000 0001 00 ff')),
    a.closesConnection(501, 'cannot decode <<0,0,0,0,0,1,0,255>>', '60/10'),
  ]),
  scenario('3', 'arguments on channel 0', 'fails with 541 on undecodable arguments on channel 0', [
    a.ready(),
    a.rawMethod(0, '10/50', hex('00')),
    a.closesConnection(541, '', '0/0'),
  ]),
  scenario('3', 'arguments, printable', 'renders argument bytes as numbers even when they are printable', [
    a.ready(),
    a.rawMethod(1, '60/80', Buffer.from('ack')),
    a.closesConnection(501, 'cannot decode <<97,99,107>>', '60/80'),
  ]),
  scenario('3', 'arguments, many', 'cuts a long list of argument bytes with the reply-text', [
    a.ready(),
    a.rawMethod(1, '60/80', Buffer.alloc(200, 0xff)),
    a.sees(`0 connection.close 501 "${`FRAME_ERROR - cannot decode <<${'255,'.repeat(80)}`.slice(0, 252)}..." 60/80`),
  ]),
  scenario('3', 'shortstr beyond the end', 'refuses a shortstr that is longer than the frame', [
    a.ready(),
    a.rawMethod(1, '50/30', hex('0000 10 61 00')),
    a.closesConnection(501, 'cannot decode <<0,0,16,97,0>>', '50/30'),
  ]),
  scenario('3', 'invalid UTF-8 in a name', 'refuses a queue name that is not UTF-8', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: hex('ff fe') }),
    a.closesConnection(501, 'Malformed UTF-8 in shortstr', '0/0'),
  ]),
  scenario('3', 'invalid UTF-8 in a routing key', 'accepts a routing key of a publish that is not UTF-8', [
    a.ready(),
    a.publishes(1, 'amq.direct', hex('ff fe'), 'x'),
    a.answers(1),
  ]),
]

export const frames: readonly Scenario[] = [...sizes, ...malformed, ...undecodable]
