// A reply queue as exchanges see it (behaviour.md §12); what clients see of it is in ../session/methods/reply-to.spec.ts.

import { isReplyName, REPLY_TO, Replies, ReplyQueue } from '../../src/broker/replies.ts'
import { NO_ARGUMENTS, published, Site } from '../support/site.ts'
import { Mailbox } from './queue/trial/mailbox.ts'
import { makeMessage } from './queue/trial/messages.ts'

describe('a reply queue', () => {
  let site: Site
  let queue: ReplyQueue
  let mailbox: Mailbox

  beforeEach(async () => {
    site = await Site.start()
    queue = new ReplyQueue('/', 'secret', site.vhost.replies)
    mailbox = new Mailbox()
  })

  afterEach(() => site.broker.stop())

  it('has a name that can be told from others', () => {
    expect(queue.name).toBe('amq.rabbitmq.reply-to.secret')
    expect([queue.name, REPLY_TO, 'amq.rabbitmq.reply-to-me.x'].map(isReplyName)).toEqual([true, false, false])
  })

  it('is found through the default exchange as long as its consumer is there', () => {
    const consumer = mailbox.consumer(queue, { noAck: true })
    expect(site.routed('', queue.name)).toEqual([])
    queue.consume(consumer)
    expect([site.routed('', queue.name), queue.deleted]).toEqual([[queue.name], false])
    queue.cancel(mailbox.consumer(queue))
    expect(site.routed('', queue.name)).toEqual([queue.name])
    queue.cancel(consumer)
    expect([site.routed('', queue.name), queue.deleted]).toEqual([[], true])
  })

  it('is looked for each time: a route to it may end at any moment', async () => {
    await site.declareQueue('q')
    queue.consume(mailbox.consumer(queue, { noAck: true }))
    const { generation } = site.vhost.route(published('', queue.name))
    expect(generation).not.toBe(site.vhost.generation)
    expect(site.vhost.route(published('', 'q')).generation).toBe(site.vhost.generation)
  })

  it('is not behind any other exchange, and goes before no declared queue', async () => {
    queue.consume(mailbox.consumer(queue, { noAck: true }))
    for (const exchange of ['amq.direct', 'amq.fanout']) expect(site.routed(exchange, queue.name)).toEqual([])
    expect(site.vhost.queues.has(queue.name)).toBe(false)
  })

  it('delivers at once and keeps nothing', () => {
    const consumer = mailbox.consumer(queue, { noAck: true })
    queue.consume(consumer)
    expect(queue.publish(makeMessage(1, 'tiny'))).toBe('stored')
    expect(mailbox.given).toEqual([{ consumer, id: 1, seq: 0, redelivered: false }])
    expect([queue.stats(), queue.get(), queue.purge(), queue.pressed]).toEqual([
      { ready: 0, unacked: 0, consumers: 1 },
      null,
      0,
      false,
    ])
    queue.cancel(consumer)
    expect(queue.publish(makeMessage(2, 'tiny'))).toBe('stored')
    expect(mailbox.given).toHaveLength(1)
  })

  it('asks publishers to pause while its consumer takes nothing', () => {
    const consumer = mailbox.consumer(queue, { noAck: true })
    queue.consume(consumer)
    mailbox.full.add(consumer)
    expect(queue.pressed).toBe(true)
    expect(queue.arguments).toEqual(NO_ARGUMENTS)
  })
})

describe('an answer', () => {
  const name = `${REPLY_TO}.abcdefghijklmnopqrstuv`
  const waiting = (returnsReplies: 'all' | 'lost' | 'none') => {
    const replies = new Replies({ returnsReplies })
    const queue = new ReplyQueue('/', 'abcdefghijklmnopqrstuv', replies)
    const mailbox = new Mailbox()
    queue.consume(mailbox.consumer(queue, { noAck: true }))
    return { replies, mailbox }
  }

  it.each([
    ['all', true],
    ['lost', undefined],
    ['none', undefined],
  ] as const)('is delivered where %s are returned, and is so uncounted: %j', (returnsReplies, uncounted) => {
    const { replies, mailbox } = waiting(returnsReplies)
    const found = replies.get(name)
    expect([found?.name, found?.uncounted, found?.pressed]).toEqual([name, uncounted, false])
    expect(found?.publish(makeMessage(1, 'tiny'), null, 0)).toBe('stored')
    expect(mailbox.given).toMatchObject([{ id: 1 }])
  })

  it.each([
    ['all', name, undefined],
    ['lost', name, undefined],
    ['none', name, name],
    ['none', `${name}x`, undefined],
    ['none', 'q', undefined],
  ] as const)(
    'that nobody waits for goes, where %s are returned and it is for %j, to %j',
    (returnsReplies, to, found) => {
      const receiver = new Replies({ returnsReplies }).get(to)
      expect(receiver?.name).toBe(found)
      expect([undefined, 'stored']).toContain(receiver?.publish(makeMessage(1, 'tiny'), null, 0))
    },
  )

  it('is for those who wait, and they are counted', () => {
    const { replies } = waiting('lost')
    expect([replies.size, replies.has(name), replies.has('q')]).toEqual([1, true, false])
  })
})
