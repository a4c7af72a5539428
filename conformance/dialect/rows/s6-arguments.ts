// §6.5 of the behaviour reference, the plainest part: arguments whose values a classic queue refuses.

import type { Field } from '../client/field-table.ts'
import { a } from '../peers.ts'
import { differ, type Scenario, scenario } from '../scenario.ts'

/** A declaration with this argument is refused for this reason. */
function refused(arg: string, value: Field, reason: string): Scenario {
  const shown = Array.isArray(value) ? value.join(' ') : JSON.stringify(value)
  return scenario('6.5', `${arg} = ${shown}`, `refuses ${arg} = ${shown}`, [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', arguments: { [arg]: value } }),
    a.closesChannel(1, 406, `invalid arg '${arg}' for queue '$q' in vhost '/': ${reason}`, '50/10'),
  ])
}

const values: readonly Scenario[] = [
  refused('x-expires', 0, '{value_zero,0}'),
  refused('x-expires', -1, '{value_negative,-1}'),
  refused('x-expires', ['l', 315360000001], '{value_too_large,315360000001}'),
  refused('x-message-ttl', -1, '{value_negative,-1}'),
  refused('x-message-ttl', ['l', 315360000001], '{value_too_large,315360000001}'),
  refused('x-max-length', -1, '{value_negative,-1}'),
  refused('x-max-length-bytes', -1, '{value_negative,-1}'),
  refused('x-overflow', 'bogus', 'invalid_overflow'),
  refused('x-overflow', 5, '{unacceptable_type,signedint}'),
  refused('x-dead-letter-routing-key', 'k', 'routing_key_but_no_dlx_defined'),
  refused('x-max-priority', 256, '{max_value_exceeded,256}'),
  refused('x-max-priority', -1, '{value_negative,-1}'),
  refused('x-single-active-consumer', 'true', '{unacceptable_type,longstr}'),
  refused('x-queue-type', 'bogus', '"unsupported queue type \'bogus\'"'),
  refused('x-queue-type', 'Classic', '"unsupported queue type \'Classic\'"'),
  refused('x-queue-type', 5, '{unacceptable_type,signedint}'),
]

const fieldTypes: readonly (readonly [value: Field, name: string])[] = [
  ['10', 'longstr'],
  [['d', 10], 'double'],
  [['f', 10], 'float'],
  [['D', [1, 100]], 'decimal'],
  [true, 'bool'],
  [['T', 10], 'timestamp'],
  [null, 'void'],
  [{}, 'table'],
  [['A', []], 'array'],
  [['x', '10'], 'binary'],
]

const types: readonly Scenario[] = fieldTypes.map(([value, name]) =>
  scenario('6.5', `integer argument of type ${name}`, `refuses an integer argument of type ${name}`, [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', arguments: { 'x-max-length': value } }),
    a.closesChannel(
      1,
      406,
      `invalid arg 'x-max-length' for queue '$q' in vhost '/': "expected integer, got ${name}"`,
      '50/10',
    ),
  ]),
)

const accepted: readonly Scenario[] = [
  scenario('6.5', 'integer arguments of every width', 'accepts integer arguments of every width', [
    a.ready(),
    ['b', 'B', 's', 'u', 'I', 'i', 'l', 'L'].map((tag, at) =>
      a.declares(1, `$q${at}`, { arguments: { 'x-max-length': [tag, 10] } }),
    ),
  ]),
  scenario('6.5', 'x-dead-letter-exchange missing', 'accepts a dead-letter exchange that does not exist', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '$nowhere', 'x-dead-letter-routing-key': 'k' } }),
    a.declares(1, '$r', { arguments: { 'x-dead-letter-exchange': '' } }),
  ]),
  scenario('6.5', 'unknown arguments', 'accepts and ignores unknown arguments', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-anything': 'goes', 'x-ha-policy': 'all', plain: 1 } }),
  ]),
  scenario('6.5', 'x-queue-mode', 'ignores x-queue-mode', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-queue-mode': 'lazy' } }),
    a.send(1, 'queue.declare', { queue: '$r', arguments: { 'x-queue-mode': 'bogus' } }),
    differ(
      '§19 x-queue-mode: accept, ignore; validated up to 4.0',
      a.sees("1 queue.declare-ok('$r', 0, 0)"),
      a.closesChannel(
        1,
        406,
        "invalid arg 'x-queue-mode' for queue '$r' in vhost '/': \"unsupported queue mode 'bogus'\"",
        '50/10',
      ),
    ),
  ]),
]

const others: readonly Scenario[] = [
  scenario('6.5', 'x-dead-letter-exchange type', 'refuses a dead-letter exchange that is not a string', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', arguments: { 'x-dead-letter-exchange': 5 } }),
    a.closesChannel(
      1,
      406,
      "invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue '$q' in vhost '/'",
      '50/10',
    ),
  ]),
  scenario('6.5', 'argument of another queue type', 'refuses an argument that only another queue type knows', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', arguments: { 'x-max-age': '1h' } }),
    a.closesChannel(
      1,
      406,
      "invalid arg 'x-max-age' for queue '$q' in vhost '/' of queue type rabbit_classic_queue",
      '50/10',
    ),
  ]),
  scenario('6.5', 'x-queue-version', 'accepts x-queue-version 1 and 2 and no other', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-queue-version': 1 } }),
    a.declares(1, '$r', { arguments: { 'x-queue-version': 2 } }),
    a.send(1, 'queue.declare', { queue: '$s', arguments: { 'x-queue-version': 3 } }),
    a.closesChannel(
      1,
      406,
      "invalid arg 'x-queue-version' for queue '$s' in vhost '/': \"unsupported queue version '3'\"",
      '50/10',
    ),
  ]),
]

export const queueArguments: readonly Scenario[] = [...values, ...types, ...others, ...accepted]
