// What is there of messages after a restart: persistent and transient, held and settled, with all that they carry.

import { a } from '../dialect/peers.ts'
import {
  confirming,
  type Ending,
  mode2,
  persistent,
  type RestartRow,
  redelivered,
  row,
  stores,
  withQueue,
} from './words.ts'

function stored(ending: Ending): readonly RestartRow[] {
  return [
    row(
      'persistent messages in durable queues survive, in order',
      [withQueue(), stores('one', 'two', 'three')],
      [a.ready(), a.drains(1, '$q', ['one', 'two', 'three'])],
    ),
    row(
      'transient messages in durable queues are gone',
      [
        withQueue(),
        confirming,
        a.publishes(1, '', '$q', 'none'),
        a.publishes(1, '', '$q', 'one', { properties: { deliveryMode: 1 } }),
        a.publishes(1, '', '$q', 'two', persistent),
        a.confirmed(1, [1, 2, 3]),
      ],
      [a.ready(), a.drains(1, '$q', ['two'])],
    ),
    row(
      'transient messages in quorum queues survive',
      [
        withQueue({ 'x-queue-type': 'quorum' }),
        confirming,
        a.publishes(1, '', '$q', 'none'),
        a.publishes(1, '', '$q', 'one', { properties: { deliveryMode: 1 } }),
        a.confirmed(1, [1, 2]),
      ],
      [a.ready(), a.drains(1, '$q', ['none', 'one'])],
      ending === 'SIGKILL' ? 'quorum queues that answer at once after a kill' : undefined,
    ),
  ]
}

function whole(ending: Ending): readonly RestartRow[] {
  const again = redelivered(ending, false)
  return [
    row(
      'properties, headers and bodies survive as they were',
      [
        withQueue(),
        confirming,
        a.publishes(1, '', '$q', 'm', {
          properties: {
            contentType: 'text/plain',
            headers: { k: 'v', n: ['l', 7], deep: { list: ['A', [1, null, true]] } },
            deliveryMode: 2,
            priority: 3,
            correlationId: 'c',
            timestamp: 1_700_000_000,
            appId: 'a',
          },
        }),
        a.publishes(1, '', '$q', { fill: 300_000 }, persistent),
        a.confirmed(1, [1, 2]),
      ],
      [
        a.ready(),
        a.gets(
          1,
          '$q',
          `get-ok(1, ${again}, '', '$q', 1) {contentType:'text/plain' headers:{k:S'v' n:l7 deep:F{list:A[I1 V ttrue]}} ` +
            "deliveryMode:2 priority:3 correlationId:'c' timestamp:1700000000 appId:'a'} 'm'",
        ),
        a.gets(1, '$q', `get-ok(2, ${again}, '', '$q', 0) ${mode2} 300000 bytes in frames of 131064+131064+37872`),
      ],
    ),
  ]
}

function settled(ending: Ending): readonly RestartRow[] {
  const again = redelivered(ending, false)
  return [
    row(
      'unacked messages are back in their places, redelivered',
      [
        withQueue(),
        stores('one', 'two', 'three'),
        a.gets(1, '$q', `get-ok(1, false, '', '$q', 2) ${mode2} 'one'`),
        a.gets(1, '$q', `get-ok(2, false, '', '$q', 1) ${mode2} 'two'`),
        a.acks(1, 2),
        a.answers(1),
        // A settlement has no answer; a confirm behind it says that it is stored.
        a.publishes(1, '', '$q', 'four', persistent),
        a.confirmed(1, [4]),
      ],
      [
        a.ready(),
        a.gets(1, '$q', `get-ok(1, true, '', '$q', 2) ${mode2} 'one'`),
        a.gets(1, '$q', `get-ok(2, ${again}, '', '$q', 1) ${mode2} 'three'`),
        a.gets(1, '$q', `get-ok(3, ${again}, '', '$q', 0) ${mode2} 'four'`),
      ],
    ),
    row(
      'committed messages survive, and what was not committed does not',
      [
        withQueue(),
        a.calls(1, 'tx.select', {}, 'tx.select-ok()'),
        a.publishes(1, '', '$q', 'committed', persistent),
        a.calls(1, 'tx.commit', {}, 'tx.commit-ok()'),
        a.publishes(1, '', '$q', 'open', persistent),
        a.answers(1),
      ],
      [a.ready(), a.drains(1, '$q', ['committed'])],
    ),
    row(
      'priorities are kept',
      [
        withQueue({ 'x-max-priority': 5 }),
        confirming,
        [1, 5, 3, 0, 5].map((priority, at) =>
          a.publishes(1, '', '$q', `${priority}-${at}`, { properties: { priority, deliveryMode: 2 } }),
        ),
        a.confirmed(1, [1, 2, 3, 4, 5]),
      ],
      [a.ready(), a.drains(1, '$q', ['5-1', '5-4', '3-2', '1-0', '0-3'])],
    ),
  ]
}

/** Rows of messages, as they must be after this ending. */
export function messageRows(ending: Ending): readonly RestartRow[] {
  return [...stored(ending), ...whole(ending), ...settled(ending)]
}
