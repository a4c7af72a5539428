// §3 of the behaviour reference: content framing, header and body behind basic.publish.

import { a, ids } from '../peers.ts'
import { differ, type Scenario, type Steps, scenario } from '../scenario.ts'

const publishIds = ids('basic.publish')
const maxBytes = 512 * 1024 * 1024

const noPending = 'expected method frame, got non method frame instead'
const noHeader = 'expected content header for class 60, got non content header frame instead'
const noBody = 'expected content body, got non content body frame instead'

/** publish, then these steps, then 505 with 60/40. */
function contentError(row: string, name: string, explanation: string, steps: Steps): Scenario {
  return scenario('3', row, name, [
    a.ready(),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    steps,
    a.closesConnection(505, explanation, publishIds),
  ])
}

export const content: readonly Scenario[] = [
  scenario('3', 'header frame without publish', 'refuses a header frame that no publish announced', [
    a.ready(),
    a.header(1, 3),
    a.closesConnection(505, noPending, '0/0'),
  ]),
  scenario('3', 'body frame without publish', 'refuses a body frame that no publish announced', [
    a.ready(),
    a.body(1, 'abc'),
    a.closesConnection(505, noPending, '0/0'),
  ]),
  scenario('3', 'body frame after a complete message', 'refuses a body frame behind a complete message', [
    a.ready(),
    a.publishes(1, '', '$q', 'abc'),
    a.body(1, 'abc'),
    a.closesConnection(505, noPending, '0/0'),
  ]),
  scenario('3', 'body frame after size 0', 'refuses a body frame behind a header of size 0', [
    a.ready(),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 0),
    a.frame(3, 1, Buffer.alloc(0)),
    a.closesConnection(505, noPending, '0/0'),
  ]),
  contentError('method after publish', 'refuses a method where a content header is due', noHeader, [
    a.send(1, 'basic.qos'),
  ]),
  contentError('publish after publish', 'refuses a second publish where a content header is due', noHeader, [
    a.send(1, 'basic.publish', { routingKey: '$q' }),
  ]),
  contentError('body after publish', 'refuses a body where a content header is due', noHeader, [a.body(1, 'abc')]),
  contentError('header with weight', 'refuses a content header whose weight is not 0', noHeader, [
    a.header(1, 3, {}, { weight: 1 }),
  ]),
  contentError(
    'header of another class',
    'refuses a content header of another class',
    'expected content header for class 60, got one for class 50 instead',
    [a.header(1, 3, {}, { classId: 50 })],
  ),
  contentError('method in the body', 'refuses a method while the body is incomplete', noBody, [
    a.header(1, 10),
    a.body(1, 'half'),
    a.send(1, 'basic.qos'),
  ]),
  contentError('header in the body', 'refuses a header while the body is incomplete', noBody, [
    a.header(1, 10),
    a.header(1, 10),
  ]),
  scenario('3', 'channels interleave', 'assembles contents of several channels that arrive interleaved', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q'),
    a.declares(1, '$r'),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.send(2, 'basic.publish', { routingKey: '$r' }),
    a.header(2, 4),
    a.header(1, 4),
    a.body(1, 'on'),
    a.body(2, 'tw'),
    a.frame(8, 0, Buffer.alloc(0)),
    a.body(1, 'e!'),
    a.body(2, 'o!'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'one!'"),
    a.gets(2, '$r', "get-ok(1, false, '', '$r', 0) {} 'two!'"),
  ]),
  scenario('3', 'size 0', 'takes a message of size 0 as complete after its header and sends no body frame', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 0),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} ''"),
  ]),
  scenario('3', 'empty body frame', 'allows empty body frames before, between and after others', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 4),
    a.frame(3, 1, Buffer.alloc(0)),
    a.body(1, 'ab'),
    a.frame(3, 1, Buffer.alloc(0)),
    a.body(1, 'cd'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'abcd'"),
  ]),
  scenario('3', 'more body bytes than announced', 'refuses more body bytes than the header announced', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 3),
    a.body(1, 'abcdef'),
    differ(
      '§19 body longer than announced: 501 as 4.3; 3.10 says nothing and waits on',
      a.closesConnection(501, 'content body frame exceeds remaining content size', publishIds),
      a.silence(300),
    ),
  ]),
  scenario('3', 'announced size > 512 MiB', 'refuses a header that announces more than 512 MiB', [
    a.ready(),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, maxBytes + 1),
    differ(
      '§19 size > 512 MiB: 501 as 4.3; 3.10 waits for the body',
      a.closesConnection(501, `content body size ${maxBytes + 1} exceeds maximum allowed size ${maxBytes}`, publishIds),
      a.silence(300),
    ),
  ]),
  scenario('3', 'announced size of 8 full octets', 'refuses a header that announces 2^64-1 bytes', [
    a.ready(),
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 0xffff_ffff_ffff_ffffn),
    differ(
      '§19 size > 512 MiB: 501 as 4.3; 3.10 waits for the body',
      a.closesConnection(
        501,
        `content body size 18446744073709551615 exceeds maximum allowed size ${maxBytes}`,
        publishIds,
      ),
      a.silence(300),
    ),
  ]),
]
