// A consumer whose deliveries are asked for.

import { connectAmqp } from '../../../src/cli/amqp.ts'
import { Deliveries } from '../../../src/cli/messages/deliveries.ts'
import { bodiesIn, fill, publishFromOutside, resetWorld, world } from '../../support/fake-amqplib.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(resetWorld)

async function open(options = {}) {
  const amqp = await connectAmqp({ url: 'amqp://broker', timeoutMs: 1, name: 'spec' })
  const channel = await amqp.channel()
  return { channel, deliveries: await Deliveries.open(amqp, channel, { queue: 'q', prefetch: 0, ...options }) }
}

describe('deliveries', () => {
  it('come in order, those that are there and those that come', async () => {
    fill('q', 'a', 'b')
    const { deliveries } = await open()
    expect((await deliveries.next(undefined))?.content.toString()).toBe('a')
    expect((await deliveries.next(undefined))?.content.toString()).toBe('b')
    const next = deliveries.next(undefined)
    publishFromOutside('', 'q', 'c')
    expect((await next)?.content.toString()).toBe('c')
  })

  it('are not waited for longer than is wanted', async () => {
    fill('q')
    const { deliveries } = await open()
    expect(await deliveries.next(undefined, 1)).toBeUndefined()
    const controller = new AbortController()
    controller.abort()
    expect(await deliveries.next(controller.signal)).toBeUndefined()
  })

  it('end the waiting with the signal', async () => {
    fill('q')
    const controller = new AbortController()
    const { deliveries } = await open({ signal: controller.signal })
    const next = deliveries.next(controller.signal)
    controller.abort()
    expect(await next).toBeUndefined()
  })

  it('fail when the broker ends the consumer', async () => {
    fill('q')
    const { deliveries } = await open()
    const next = deliveries.next(undefined)
    for (const { deliver } of world.consumers.values()) deliver(null)
    await expect(next).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining('deleted') })
    await expect(deliveries.cancel()).resolves.toBeUndefined()
  })

  it('go back when they have no ack', async () => {
    fill('q', 'a')
    const { channel, deliveries } = await open()
    await deliveries.next(undefined)
    await deliveries.cancel()
    await channel.close()
    expect(bodiesIn('q')).toEqual(['a'])
  })
})
