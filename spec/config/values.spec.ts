// How each kind of value is read: what it takes, in which units, and what it turns away.

import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  duration,
  file,
  folder,
  hostname,
  names,
  oneOf,
  orElsewhere,
  orNone,
  places,
  portOrOff,
  size,
  someOf,
  text,
  type ValueKind,
  wholeNumber,
  yesOrNo,
} from '../../src/config/values.ts'

const port = wholeNumber(0, 65535)
const message = size(4096, 512 * 2 ** 20)
const heartbeat = duration('s', 0, 65535)
const timeout = duration('ms', 1, 3_600_000)
const level = oneOf('debug', 'info')
const vhost = text(5)

type Row = readonly [name: string, kind: ValueKind<unknown>, raw: unknown, value: unknown]

describe('values', () => {
  it.each<Row>([
    ['a whole number', port, '5672', 5672],
    ['a whole number', port, ' 0 ', 0],
    ['a whole number', port, 65535, 65535],
    ['a size', message, '4096', 4096],
    ['a size', message, 131072, 131072],
    ['a size', message, '16MiB', 16_777_216],
    ['a size', message, '16 M', 16_777_216],
    ['a size', message, '512kB', 512_000],
    ['a size', message, '512KB', 512_000],
    ['a size', message, '512k', 524_288],
    ['a size', message, '5000b', 5000],
    ['a time in seconds', heartbeat, '60', 60],
    ['a time in seconds', heartbeat, '2m', 120],
    ['a time in seconds', heartbeat, '3000ms', 3],
    ['a time in seconds', heartbeat, 0, 0],
    ['a time in milliseconds', timeout, '250', 250],
    ['a time in milliseconds', timeout, '10s', 10_000],
    ['a time or none', orElsewhere(timeout), '250', 250],
    ['a time or none', orElsewhere(timeout), null, null],
    ['a time or the word none', orNone(timeout), 'none', null],
    ['a time or the word none', orNone(timeout), '250', 250],
    ['yes or no', yesOrNo, true, true],
    ['yes or no', yesOrNo, 'On', true],
    ['yes or no', yesOrNo, '0', false],
    ['one of some words', level, ' INFO', 'info'],
    ['text', vhost, '/', '/'],
    ['text', vhost, 'ééa', 'ééa'],
    ['a host', hostname, '127.0.0.1', '127.0.0.1'],
    ['a host', hostname, '::1', '::1'],
    ['a host', hostname, '[fe80::1%eth0]', 'fe80::1%eth0'],
    ['a host', hostname, 'my-host.example', 'my-host.example'],
    ['a host', hostname, '*', '::'],
    ['a folder', folder, '/var/lib/x', '/var/lib/x'],
    ['a folder', folder, 'data', '/base/data'],
    ['a folder', folder, '../data/', '/data'],
    ['a folder', folder, '~/data', join(homedir(), 'data')],
    ['a file', file, 'server.pem', '/base/server.pem'],
    ['a port', portOrOff, '5671', 5671],
    ['a port', portOrOff, 0, 0],
    ['a port that is none', portOrOff, 'Off', 'off'],
    ['a port that is none', portOrOff, false, 'off'],
    ['some words', someOf('PLAIN', 'EXTERNAL'), 'external, PLAIN', ['EXTERNAL', 'PLAIN']],
    ['some words', someOf('PLAIN', 'EXTERNAL'), ['PLAIN'], ['PLAIN']],
    ['places', places, '127.0.0.1:5672, [::1]:5673,::1:5674', ['127.0.0.1:5672', '[::1]:5673', '[::1]:5674']],
    ['places', places, ['5672', '*:0', 'localhost:05'], ['[::]:5672', '[::]:0', 'localhost:5']],
    ['places', places, 'none', []],
    ['names', names, 'guest, admin,guest', ['guest', 'admin']],
    ['names', names, ['guest'], ['guest']],
    ['names', names, 'none', []],
    ['names', names, [], []],
  ])('read %s from %j %j', (_, kind, raw, value) => {
    expect(kind.read(raw, '/base')).toEqual(value)
  })

  it.each<readonly [string, ValueKind<unknown>, unknown]>([
    ['a whole number', port, '65536'],
    ['a whole number', port, -1],
    ['a whole number', port, '-1'],
    ['a whole number', port, '5672x'],
    ['a whole number', port, '0x10'],
    ['a whole number', port, 56.7],
    ['a whole number', port, ''],
    ['a whole number', port, true],
    ['a whole number', port, Number.NaN],
    ['a size', message, '4095'],
    ['a size', message, '1.5MiB'],
    ['a size', message, '513MiB'],
    ['a size', message, '5 parsecs'],
    ['a size', message, '999999999999999G'],
    ['a time in seconds', heartbeat, '1500ms'],
    ['a time in seconds', heartbeat, '19h'],
    ['a time in milliseconds', timeout, '0'],
    ['yes or no', yesOrNo, 'maybe'],
    ['yes or no', yesOrNo, 1],
    ['one of some words', level, 'loud'],
    ['one of some words', level, 5],
    ['text', vhost, ''],
    ['text', vhost, 'ééé'],
    ['text', vhost, 5],
    ['a host', hostname, 'localhost:5672'],
    ['a host', hostname, 'amqp://localhost'],
    ['a host', hostname, 'a b'],
    ['a host', hostname, ''],
    ['a host', hostname, '-x'],
    ['a folder', folder, ' '],
    ['a folder', folder, 'a\0b'],
    ['a folder', folder, 7],
    ['a file', file, ''],
    ['a port', portOrOff, '65536'],
    ['a port', portOrOff, true],
    ['some words', someOf('PLAIN'), 'PLAIN,OTHER'],
    ['some words', someOf('PLAIN'), 'none'],
    ['places', places, '127.0.0.1'],
    ['places', places, '127.0.0.1:65536'],
    ['places', places, 'a b:5672'],
    ['places', places, ['5672', '']],
    ['places', places, 5672],
    ['names', names, 'a,,b'],
    ['names', names, ['a', 1]],
    ['names', names, true],
  ])('turn away what is not %s: %j %j', (_, kind, raw) => {
    expect(kind.read(raw, '/base')).toBeUndefined()
  })

  it('say their bounds and units in words', () => {
    expect(port.expected).toBe('a whole number from 0 to 65535')
    expect(message.expected).toBe('a size from 4096 bytes to 512MiB, such as 65536, 512kB or 16MiB')
    expect(heartbeat.expected).toBe('seconds from 0 to 65535, or a time such as 60s or 2m')
    expect(level.expected).toBe('one of debug, info')
  })
})
