// §2.1–2.4 of the behaviour reference: the protocol header, connection.start, capabilities, SASL.

import { a, amqplain, hex, plain, protocolHeader } from '../peers.ts'
import { differ, type Login, type Scenario, type Steps, scenario } from '../scenario.ts'

const start =
  '0 connection.start 0-9 {capabilities:F{authentication_failure_close:ttrue basic.nack:ttrue connection.blocked:ttrue ' +
  'consumer_cancel_notify:ttrue consumer_priorities:ttrue direct_reply_to:ttrue exchange_exchange_bindings:ttrue ' +
  'per_consumer_qos:ttrue publisher_confirms:ttrue} cluster_name:S copyright:S information:S platform:S product:S ' +
  "version:S} 'AMQPLAIN PLAIN' 'en_US'"

/** Sends these octets first; is told which version is spoken and cut off. */
function refused(bytes: Buffer): Steps {
  return [a.connect(), a.raw('first octets', bytes), a.sees('AMQP 0 0 9 1'), a.closed(0, 1)]
}

const foreign: readonly (readonly [row: string, bytes: Buffer])[] = [
  ['AMQP 0 0 9 0', protocolHeader(0, 0, 9, 0)],
  ['AMQP 0 0 9 2', protocolHeader(0, 0, 9, 2)],
  ['AMQP 0 1 0 0 (1.0)', protocolHeader(0, 1, 0, 0)],
  ['AMQP 2 1 0 0 (1.0 TLS)', protocolHeader(2, 1, 0, 0)],
  ['AMQP 3 1 0 0 (1.0 SASL)', protocolHeader(3, 1, 0, 0)],
  ['AMQP 9 9 9 9', protocolHeader(9, 9, 9, 9)],
  ['HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['TLS ClientHello', hex('16 03 01 00f8 01 0000f4 0303')],
  ['zeros', Buffer.alloc(8)],
  ['garbage', hex('ff fe fd fc fb fa f9 f8')],
  ['lower case', Buffer.from('amqp\0\0\x09\x01', 'latin1')],
]

const protocolHeaders: readonly Scenario[] = [
  scenario('2.1', 'AMQP 0 0 9 1', 'answers the protocol header with connection.start', [
    a.connect(),
    a.raw('protocol header', protocolHeader(0, 0, 9, 1)),
    a.skips('connection.start'),
  ]),
  scenario('2.1', 'AMQP 1 1 0 9', 'takes the 0-9 header for 0-9-1', [
    a.connect(),
    a.raw('protocol header', protocolHeader(1, 1, 0, 9)),
    a.sees(start),
    a.startsOk({}),
    a.skips('connection.tune'),
  ]),
  scenario('2.1', 'header in pieces', 'waits for the whole protocol header', [
    a.connect(),
    [...protocolHeader(0, 0, 9, 1)].map((octet) => a.raw('octet', Buffer.from([octet]))),
    a.skips('connection.start'),
  ]),
  ...foreign.map(([row, bytes]) =>
    scenario('2.1', row, `answers ${row} with the version that it speaks and ends TCP`, refused(bytes)),
  ),
  ...[protocolHeader(1, 1, 8, 0), protocolHeader(1, 1, 9, 1)].map((bytes) =>
    scenario('2.1', `AMQP ${[...bytes.subarray(4)].join(' ')} (0-8)`, 'refuses a header of AMQP 0-8', [
      differ('§19 0-8 header: refused as in 4.x; 3.10 still starts a 0-8 handshake', refused(bytes), [
        a.connect(),
        a.raw('first octets', bytes),
        a.skips('connection.start'),
      ]),
    ]),
  ),
  scenario('2.1', 'fewer than 8 bytes: none', 'ends TCP 10 s after accept when nothing is said', [
    a.connect(),
    a.closed(8.5, 13, 'connect'),
  ]),
  scenario('2.1', 'fewer than 8 bytes: seven', 'ends TCP 10 s after accept when the header stays incomplete', [
    a.connect(),
    a.raw('seven octets', protocolHeader(0, 0, 9, 1).subarray(0, 7)),
    a.closed(8.5, 13, 'connect'),
  ]),
]

const starting: readonly Scenario[] = [
  scenario('2.2', 'fields', 'lists capabilities, mechanisms and the locale in connection.start', [
    a.connect(),
    a.raw('protocol header', protocolHeader(0, 0, 9, 1)),
    a.sees(start),
  ]),
  scenario('2.3', 'locale', 'ignores the locale', [
    a.greets(),
    a.send(0, 'connection.start-ok', { mechanism: 'PLAIN', response: plain('guest', 'guest'), locale: 'tlh_KX' }),
    a.skips('connection.tune'),
  ]),
  scenario('2.3', 'client-properties', 'accepts nested and odd client properties', [
    a.greets(),
    a.send(0, 'connection.start-ok', {
      clientProperties: { connection_name: 'raw', capabilities: 7, deep: { er: { list: ['A', ['x', 1, null]] } } },
      mechanism: 'PLAIN',
      response: plain('guest', 'guest'),
    }),
    a.skips('connection.tune'),
  ]),
  scenario('2.3', 'frame before tuning: 4096 bytes', 'accepts a start-ok of 4 kB before tuning', [
    a.greets(),
    a.send(0, 'connection.start-ok', {
      clientProperties: { filler: 'x'.repeat(3900) },
      mechanism: 'PLAIN',
      response: plain('guest', 'guest'),
    }),
    a.skips('connection.tune'),
  ]),
  scenario('2.3', 'frame before tuning: 8192 bytes', 'accepts a start-ok of 8 kB before tuning', [
    a.greets(),
    a.send(0, 'connection.start-ok', {
      clientProperties: { filler: 'x'.repeat(8000) },
      mechanism: 'PLAIN',
      response: plain('guest', 'guest'),
    }),
    differ('§19 pre-tune frame limit: 8192 or more; 4096 up to 4.0', a.skips('connection.tune'), a.closed(2, 5)),
  ]),
  scenario('2.3', 'frame before tuning: 1 MB', 'ends TCP silently after an oversized start-ok', [
    a.greets(),
    a.send(0, 'connection.start-ok', {
      clientProperties: { filler: 'x'.repeat(1_000_000) },
      mechanism: 'PLAIN',
      response: plain('guest', 'guest'),
    }),
    a.closed(2, 5),
  ]),
]

const refusal = (mechanism: string) =>
  a.closesConnection(
    403,
    `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
    '0/0',
  )

const wrong: readonly (readonly [row: string, login: Login])[] = [
  ['PLAIN, wrong password', { response: plain('guest', 'wrong') }],
  ['PLAIN, unknown user', { response: plain('nobody', 'guest') }],
  ['PLAIN, empty user', { response: plain('', 'guest') }],
  ['PLAIN, empty password', { response: plain('guest', '') }],
  ['AMQPLAIN, wrong password', { mechanism: 'AMQPLAIN', response: amqplain({ LOGIN: 'guest', PASSWORD: 'wrong' }) }],
  ['AMQPLAIN, unknown user', { mechanism: 'AMQPLAIN', response: amqplain({ LOGIN: 'nobody', PASSWORD: 'guest' }) }],
]

const malformed: readonly (readonly [row: string, login: Login])[] = [
  ['PLAIN, no response', { response: '' }],
  ['PLAIN, no NUL', { response: 'guestguest' }],
  ['PLAIN, no password', { response: '\0guest' }],
  ['PLAIN, extra NUL', { response: '\0guest\0guest\0' }],
  ['PLAIN, authzid', { response: 'guest\0guest\0guest' }],
  ['AMQPLAIN, no LOGIN', { mechanism: 'AMQPLAIN', response: amqplain({ PASSWORD: 'guest' }) }],
  ['AMQPLAIN, no PASSWORD', { mechanism: 'AMQPLAIN', response: amqplain({ LOGIN: 'guest' }) }],
  ['AMQPLAIN, LOGIN a number', { mechanism: 'AMQPLAIN', response: amqplain({ LOGIN: 7, PASSWORD: 'guest' }) }],
  ['AMQPLAIN, lower case keys', { mechanism: 'AMQPLAIN', response: amqplain({ login: 'guest', password: 'guest' }) }],
  ['AMQPLAIN, no table', { mechanism: 'AMQPLAIN', response: 'guest guest' }],
  ['unknown mechanism', { mechanism: 'CRAM-MD5' }],
  ['mechanism in lower case', { mechanism: 'plain' }],
  ['empty mechanism', { mechanism: '' }],
  ['mechanism not offered', { mechanism: 'EXTERNAL', response: '' }],
  ['ANONYMOUS, where it is not offered', { mechanism: 'ANONYMOUS', response: '' }],
]

const sasl: readonly Scenario[] = [
  scenario('2.4', 'PLAIN', 'logs in with PLAIN', [a.login()]),
  scenario('2.4', 'AMQPLAIN', 'logs in with AMQPLAIN', [
    a.login({ mechanism: 'AMQPLAIN', response: amqplain({ LOGIN: 'guest', PASSWORD: 'guest' }) }),
  ]),
  scenario('2.4', 'AMQPLAIN, other order', 'does not mind the order of AMQPLAIN keys, nor other keys', [
    a.login({ mechanism: 'AMQPLAIN', response: amqplain({ more: 1, PASSWORD: 'guest', LOGIN: 'guest' }) }),
  ]),
  ...wrong.map(([row, login]) =>
    scenario(
      '2.4',
      `${row}, capability`,
      `answers a login that is refused (${row}) with 403 at once, TCP ends 3 s later`,
      [a.greets(), a.startsOk(login), refusal(login.mechanism ?? 'PLAIN'), a.closed(2, 5)],
    ),
  ),
  scenario('2.4', 'refusal, close-ok', 'ends TCP at once when the client answers the refusal with close-ok', [
    a.greets(),
    a.startsOk({ response: plain('guest', 'wrong') }),
    refusal('PLAIN'),
    a.send(0, 'connection.close-ok'),
    a.closed(0, 1),
  ]),
  ...wrong.map(([row, login]) =>
    scenario('2.4', `${row}, no capability`, `ends TCP silently after 3 s without the capability (${row})`, [
      a.greets(),
      a.startsOk({ ...login, capabilities: {} }),
      a.closed(2, 5),
    ]),
  ),
  ...malformed.map(([row, login]) =>
    scenario('2.4', row, `ends TCP silently after 3 s even with the capability (${row})`, [
      a.greets(),
      a.startsOk(login),
      a.closed(2, 5),
    ]),
  ),
]

const early: readonly (readonly [row: string, steps: Steps])[] = [
  ['open before start-ok', [a.greets(), a.opensVhost()]],
  ['tune-ok before start-ok', [a.greets(), a.tunesOk({})]],
  ['secure-ok before start-ok', [a.greets(), a.send(0, 'connection.secure-ok', { response: 'x' })]],
  ['open before tune-ok', [a.tuned(), a.opensVhost()]],
  ['start-ok twice', [a.tuned(), a.startsOk({})]],
  ['channel.open before start-ok', [a.greets(), a.send(1, 'channel.open')]],
  ['connection.close before start-ok', [a.greets(), a.send(0, 'connection.close', { replyCode: 200 })]],
  ['connection.close before tune-ok', [a.tuned(), a.send(0, 'connection.close', { replyCode: 200 })]],
  ['body frame before start-ok', [a.greets(), a.frame(3, 1, Buffer.from('x'))]],
]

const outOfOrder: readonly Scenario[] = [
  ...early.map(([row, steps]) =>
    scenario('2.4', `out of sequence: ${row}`, `ends TCP silently after 3 s (${row})`, [steps, a.closed(2, 5)]),
  ),
  // From tune-ok on the client is trusted with an answer.
  scenario('2.4', 'out of sequence: tune-ok twice', 'answers a second tune-ok with 504', [
    a.tuned(),
    a.tunesOk({}),
    a.tunesOk({}),
    a.closesConnection(504, 'unexpected method in connection state opening', '10/31'),
  ]),
  scenario(
    '2.4',
    'out of sequence: channel.open on channel 0 before open',
    'answers a method other than open with 504',
    [
      a.tuned(),
      a.tunesOk({}),
      a.send(0, 'channel.open'),
      a.closesConnection(504, 'unexpected method in connection state opening', '20/10'),
    ],
  ),
  scenario('2.4', 'out of sequence: channel.open before open', 'answers a channel frame before open with 505', [
    a.tuned(),
    a.tunesOk({}),
    a.send(1, 'channel.open'),
    a.closesConnection(505, 'type 1, all octets = <<0,20,0,10,0>>', '0/0'),
  ]),
  scenario('2.4', 'handshake unfinished after the header', 'ends TCP 10 s after accept without start-ok', [
    a.greets(),
    a.closed(8.5, 13, 'connect'),
  ]),
  scenario('2.4', 'handshake unfinished after start-ok', 'ends TCP 10 s after accept without tune-ok', [
    a.tuned(),
    a.closed(8.5, 13, 'connect'),
  ]),
  scenario('2.4', 'handshake unfinished after tune-ok', 'ends TCP 10 s after accept without open', [
    a.tuned(),
    a.tunesOk({}),
    a.closed(8.5, 13, 'connect'),
  ]),
]

export const handshake: readonly Scenario[] = [...protocolHeaders, ...starting, ...sasl, ...outOfOrder]
