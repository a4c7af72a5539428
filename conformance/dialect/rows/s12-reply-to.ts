// §12 of the behaviour reference: direct reply-to.

import { a, b } from '../peers.ts'
import { differ, type Scenario, type Steps, scenario } from '../scenario.ts'

const pseudo = 'amq.rabbitmq.reply-to'
const pseudoOptions = { noAck: true }

/** `a` awaits replies and has asked a question, which `b` has read; its reply name is `$reply`. */
const asked: Steps = [
  a.ready(),
  b.ready(),
  a.declares(1, '$rpc'),
  a.consumes(1, pseudo, 'replies', pseudoOptions),
  b.consumes(1, '$rpc', 'server', { noAck: true }),
  a.publishes(1, '', '$rpc', 'question', { properties: { replyTo: pseudo, correlationId: 'c1' } }),
  b.skips('basic.deliver', { replyTo: 'reply' }),
]

const confirming: Steps = b.calls(1, 'confirm.select', {}, 'confirm.select-ok()')
const answer = "1 basic.deliver('replies', 1, false, '', '$reply') {} 'answer'"

const requests: readonly Scenario[] = [
  scenario('12', 'consume', 'answers a reply consumer with consume-ok', [
    a.ready(),
    a.consumes(1, pseudo, 'replies', pseudoOptions),
    a.answers(1),
  ]),
  scenario('12', 'without no-ack', 'refuses a reply consumer that would acknowledge', [
    a.ready(),
    a.send(1, 'basic.consume', { queue: pseudo, consumerTag: 'ct' }),
    a.closesChannel(1, 406, 'reply consumer cannot acknowledge', '60/20'),
  ]),
  scenario('12', 'second reply consumer', 'refuses a second reply consumer on a channel', [
    a.ready(),
    a.consumes(1, pseudo, 'replies', pseudoOptions),
    a.send(1, 'basic.consume', { queue: pseudo, consumerTag: 'more', noAck: true }),
    a.closesChannel(1, 406, 'reply consumer already set', '60/20'),
  ]),
  scenario('12', 'publish without a reply consumer', 'refuses a reply-to without a reply consumer', [
    a.ready(),
    a.declares(1, '$rpc'),
    a.publishes(1, '', '$rpc', 'question', { properties: { replyTo: pseudo } }),
    a.closesChannel(1, 406, 'fast reply consumer does not exist', '60/40'),
  ]),
  scenario('12', 'publish with reply-to', 'rewrites reply-to to a name of its own', [
    a.ready(),
    a.declares(1, '$rpc'),
    a.consumes(1, pseudo, 'replies', pseudoOptions),
    a.publishes(1, '', '$rpc', 'question', { properties: { replyTo: pseudo, correlationId: 'c1' } }),
    a.gets(
      1,
      '$rpc',
      "get-ok(1, false, '', '$rpc', 0) {correlationId:'c1' replyTo:'amq.rabbitmq.reply-to.*'} 'question'",
    ),
  ]),
  scenario('12', 'through any exchange', 'rewrites reply-to for any exchange', [
    a.ready(),
    a.declares(1, '$rpc'),
    a.exchange(1, '$x', 'topic'),
    a.binds(1, '$rpc', '$x', '#'),
    a.consumes(1, pseudo, 'replies', pseudoOptions),
    a.publishes(1, '$x', 'k', 'question', { properties: { replyTo: pseudo } }),
    a.gets(1, '$rpc', "get-ok(1, false, '$x', 'k', 0) {replyTo:'amq.rabbitmq.reply-to.*'} 'question'"),
  ]),
  scenario('12', 'other reply-to', 'leaves any other reply-to alone', [
    a.ready(),
    a.declares(1, '$rpc'),
    a.publishes(1, '', '$rpc', 'question', { properties: { replyTo: `${pseudo}.mine` } }),
    a.gets(1, '$rpc', `get-ok(1, false, '', '$rpc', 0) {replyTo:'${pseudo}.mine'} 'question'`),
  ]),
  scenario('12', 'basic.cancel', 'stops replies when the reply consumer is cancelled', [
    a.ready(),
    a.consumes(1, pseudo, 'replies', pseudoOptions),
    a.calls(1, 'basic.cancel', { consumerTag: 'replies' }, "basic.cancel-ok('replies')"),
    a.publishes(1, '', '$rpc', 'question', { properties: { replyTo: pseudo } }),
    a.closesChannel(1, 406, 'fast reply consumer does not exist', '60/40'),
  ]),
]

const replies: readonly Scenario[] = [
  scenario('12', 'reply', 'delivers a reply to whoever asked', [
    asked,
    b.publishes(1, '', '$reply', 'answer'),
    a.sees(answer),
    b.publishes(1, '', '$reply', 'more', { properties: { correlationId: 'c1' } }),
    differ(
      '§7.2 delivery tags: every delivery takes one; 3.10 gives replies the next tag and does not take it',
      a.sees("1 basic.deliver('replies', 2, false, '', '$reply') {correlationId:'c1'} 'more'"),
      a.sees("1 basic.deliver('replies', 1, false, '', '$reply') {correlationId:'c1'} 'more'"),
    ),
  ]),
  scenario('12', 'reply confirmed', 'confirms a reply', [
    asked,
    confirming,
    b.publishes(1, '', '$reply', 'answer'),
    b.confirmed(1, [1]),
    a.sees(answer),
  ]),
  scenario('12', 'mandatory reply, requester alive', 'routes a mandatory reply and does not return it', [
    asked,
    b.publishes(1, '', '$reply', 'answer', { mandatory: true }),
    a.sees(answer),
    differ(
      '§19 direct reply-to, mandatory reply, live: delivered, no return',
      b.answers(1),
      b.sees("1 basic.return(312, 'NO_ROUTE', '', '$reply') {} 'answer'"),
    ),
  ]),
  scenario('12', 'mandatory reply, requester gone', 'returns a mandatory reply to a requester that is gone', [
    asked,
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    b.publishes(1, '', '$reply', 'answer', { mandatory: true }),
    b.sees("1 basic.return(312, 'NO_ROUTE', '', '$reply') {} 'answer'"),
  ]),
  scenario('12', 'garbled suffix', 'returns a mandatory reply to nobody', [
    b.ready(),
    b.publishes(1, '', `${pseudo}.garbled`, 'answer', { mandatory: true }),
    b.sees(`1 basic.return(312, 'NO_ROUTE', '', '${pseudo}.garbled') {} 'answer'`),
  ]),
  scenario('12', 'reply after cancel', 'drops replies when the reply consumer is cancelled', [
    asked,
    a.calls(1, 'basic.cancel', { consumerTag: 'replies' }, "basic.cancel-ok('replies')"),
    b.publishes(1, '', '$reply', 'answer', { mandatory: true }),
    b.sees("1 basic.return(312, 'NO_ROUTE', '', '$reply') {} 'answer'"),
    a.answers(1),
  ]),
  scenario('12', 'large reply', 'delivers a reply of many frames', [
    asked,
    b.publishes(1, '', '$reply', { fill: 300_000 }),
    a.sees("1 basic.deliver('replies', 1, false, '', '$reply') {} 300000 bytes in frames of 131064+131064+37872"),
  ]),
]

const names: readonly Scenario[] = [
  scenario('12', 'queue.declare of a live reply name', 'knows a live reply name as a queue with one consumer', [
    asked,
    b.calls(1, 'queue.declare', { queue: '$reply', passive: true }, "queue.declare-ok('$reply', 0, 1)"),
    b.calls(1, 'queue.declare', { queue: '$reply' }, "queue.declare-ok('$reply', 0, 1)"),
  ]),
  scenario('12', 'queue.declare of a dead reply name', 'answers the declaration of a dead reply name with 404', [
    asked,
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    b.send(1, 'queue.declare', { queue: '$reply', passive: true }),
    b.closesChannel(1, 404, "no queue '$reply' in vhost '/'", '50/10'),
  ]),
  scenario('12', 'queue.declare of the bare name', 'knows the bare name as a queue with one consumer', [
    a.ready(),
    a.calls(1, 'queue.declare', { queue: pseudo, passive: true }, `queue.declare-ok('${pseudo}', 0, 1)`),
    a.calls(1, 'queue.declare', { queue: pseudo }, `queue.declare-ok('${pseudo}', 0, 1)`),
  ]),
  scenario('12', 'basic.get on the bare name', 'answers basic.get on the bare name with 404', [
    a.ready(),
    a.send(1, 'basic.get', { queue: pseudo, noAck: true }),
    a.closesChannel(1, 404, `no queue '${pseudo}' in vhost '/'`, '60/70'),
  ]),
  scenario('12', 'bind on the bare name', 'answers bind of the bare name with 404', [
    a.ready(),
    a.send(1, 'queue.bind', { queue: pseudo, exchange: 'amq.fanout', routingKey: 'k' }),
    a.closesChannel(1, 404, `no queue '${pseudo}' in vhost '/'`, '50/20'),
  ]),
  scenario('12', 'delete of the bare name', 'answers the deletion of the bare name with 0 messages', [
    a.ready(),
    a.deletesQueue(1, pseudo, 0),
  ]),
  scenario('12', 'bind of a full reply name', 'refuses to bind a reply name', [
    asked,
    b.send(1, 'queue.bind', { queue: '$reply', exchange: 'amq.fanout', routingKey: 'k' }),
    differ(
      '§19 bind of a reply-to queue: 403',
      b.closesChannel(1, 403, 'cannot bind or unbind to a volatile (direct reply-to) queue', '50/20'),
      b.closesChannel(1, 404, "no queue '$reply' in vhost '/'", '50/20'),
    ),
  ]),
]

export const directReplyTo: readonly Scenario[] = [...requests, ...replies, ...names]
