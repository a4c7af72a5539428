// How messages die, as it is counted; where dead letters go is deaths.spec.ts' of the broker and at-least-once.spec.ts'.

import type { FieldValue } from '../../../src/protocol/field-table.ts'
import { Site } from '../../support/site.ts'

const text = (value: string): FieldValue => ({ tag: 'S', value })
const number = (value: number): FieldValue => ({ tag: 'l', value })

describe('the deaths of a queue', () => {
  let site: Site

  beforeEach(async () => {
    site = await Site.start()
    await site.declareQueue('dead')
  })

  const declared = (args: Readonly<Record<string, FieldValue>>) =>
    site.declareQueue('q', { arguments: new Map(Object.entries(args)) })

  it('are none as long as nothing died', async () => {
    const queue = await declared({})
    site.publish('', 'q', 'body')
    expect(queue.deaths).toBeNull()
  })

  it('are counted by reason, as dropped where they go nowhere', async () => {
    const queue = await declared({ 'x-max-length': number(2) })
    for (const body of ['1', '2', '3']) site.publish('', 'q', body)
    const got = await queue.get()
    queue.reject(got?.seq as number, false)
    site.publish('', 'q', 'short', { expiration: '0' })
    site.clock.advance(1)
    expect(queue.deaths?.disabled).toMatchObject({ maxlen: 1, rejected: 1 })
    expect(queue.deaths?.at_most_once).toEqual({ rejected: 0, expired: 0, maxlen: 0, delivery_limit: 0 })
  })

  it('are counted as sent on at most once where they are', async () => {
    const args = { 'x-dead-letter-exchange': text(''), 'x-dead-letter-routing-key': text('dead') }
    const queue = await declared({ ...args, 'x-message-ttl': number(10) })
    site.publish('', 'q', 'body')
    site.clock.advance(10)
    await site.clock.settle()
    expect(queue.deaths?.at_most_once.expired).toBe(1)
    expect(site.vhost.queues.get('dead')?.stats()).toMatchObject({ ready: 1 })
    expect(site.vhost.queues.get('dead')?.counts.published).toBe(1)
  })

  it('are counted as refused where there is no room, and as dead where these are sent on', async () => {
    const limit = { 'x-max-length': number(1) }
    const refusing = await declared({ ...limit, 'x-overflow': text('reject-publish') })
    for (const body of ['1', '2']) site.publish('', 'q', body)
    expect([refusing.counts.published, refusing.counts.refused, refusing.deaths]).toEqual([1, 1, null])
    await site.topology.deleteQueue('q', site.owner, false, false)
    const dlx = { 'x-dead-letter-exchange': text(''), 'x-dead-letter-routing-key': text('dead') }
    const sending = await declared({ ...limit, ...dlx, 'x-overflow': text('reject-publish-dlx') })
    for (const body of ['1', '2']) site.publish('', 'q', body)
    expect([sending.counts.refused, sending.deaths?.at_most_once.maxlen]).toEqual([1, 1])
  })

  it('at least once are confirmed when other queues have stored them', async () => {
    const queue = await declared({
      ...{ 'x-queue-type': text('quorum'), 'x-overflow': text('reject-publish') },
      ...{ 'x-dead-letter-exchange': text(''), 'x-dead-letter-routing-key': text('dead') },
      'x-dead-letter-strategy': text('at-least-once'),
    })
    site.publish('', 'q', 'body')
    const got = await queue.get()
    queue.reject(got?.seq as number, false)
    expect(queue.deaths).toMatchObject({ confirmed: 0, at_least_once: { rejected: 1 } })
    for (let turn = 0; turn < 10; turn++) await site.clock.pass()
    expect(queue.deaths?.confirmed).toBe(1)
  })
})
