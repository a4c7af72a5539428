// The classic queue and its consumers, rule by rule (behaviour.md §6.3, §6.4, §7.2 to §7.6); what becomes of messages on
// disk is classic-storage.spec.ts', and classic-trial.spec.ts lets chance combine everything.

import { type Consumer, wake } from '../../../src/broker/consumer.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { type Kind, makeMessage } from './trial/messages.ts'
import { plainQueue, Scene } from './trial/scene.ts'

describe('a classic queue', () => {
  let scene: Scene

  beforeEach(async () => {
    scene = await Scene.begin()
  })

  afterEach(() => scene.store.close())

  it('is what it was declared as', () => {
    const { id, name, vhost, durable, autoDelete, owner, arguments: args, deleted } = scene.queue
    expect({ id, name, vhost, durable, autoDelete, owner, arguments: args }).toEqual(plainQueue)
    expect(deleted).toBe(false)
  })

  it('has the settings that its arguments make, until others are applied', () => {
    const queue = scene.remake({ arguments: new Map([['x-max-length', { tag: 'l', value: 3 }]]) })
    expect(queue.settings).toMatchObject({ type: 'classic', maxLength: 3, overflow: 'drop-head' })
    queue.apply({ ...queue.settings, maxLength: 2 })
    expect(queue.settings.maxLength).toBe(2)
  })

  describe('delivers (§7.2)', () => {
    it('to consumers in turn, passing over who has no room', () => {
      for (const tag of ['a', 'b', 'c']) scene.consume({ tag, prefetch: tag === 'b' ? 1 : 0 })
      scene.publish(1, 2, 3, 4, 5, 6)
      expect(scene.given()).toEqual(['1 to a', '2 to b', '3 to c', '4 to a', '5 to c', '6 to a'])
    })

    it('to equally fast consumers equally much, whatever a slow one does (issue 4)', () => {
      const [slow, a, b] = ['slow', 'a', 'b'].map((tag) => scene.consume({ tag, prefetch: 1 })) as [
        ...Consumer[],
        Consumer,
      ]
      scene.publish(...Array.from({ length: 300 }, (_, id) => id))
      const counts = new Map<Consumer | undefined, number>()
      for (let at = 0, turn = 0; at < scene.mailbox.given.length; turn++) {
        const given = scene.mailbox.given.slice(at).filter(({ consumer }) => consumer !== slow || turn % 20 === 0)
        at = scene.mailbox.given.length
        for (const { consumer, seq } of given) {
          counts.set(consumer, (counts.get(consumer) ?? 0) + 1)
          scene.queue.ack(seq)
          consumer.unacked--
          wake([consumer])
        }
      }
      expect(Math.abs((counts.get(a) ?? 0) - (counts.get(b) ?? 0))).toBeLessThanOrEqual(1)
      expect(counts.get(a)).toBeGreaterThan(140)
    })

    it('to three that do not ack a third each', () => {
      for (const tag of ['a', 'b', 'c']) scene.consume({ tag, noAck: true })
      scene.publish(...Array.from({ length: 100 }, (_, id) => id))
      const given = scene.given()
      const counts = ['a', 'b', 'c'].map((tag) => given.filter((each) => each.endsWith(tag)).length)
      expect(counts).toEqual([34, 33, 33])
    })

    it('no more than prefetch allows, and goes on when there is room', () => {
      const consumer = scene.consume({ tag: 'a', prefetch: 2 })
      scene.publish(1, 2, 3)
      const first = scene.mailbox.given[0]?.seq as number
      expect(scene.given()).toEqual(['1 to a', '2 to a'])
      expect(scene.queue.stats()).toEqual({ ready: 1, unacked: 2, consumers: 1 })
      scene.queue.ack(first)
      consumer.unacked--
      wake([consumer])
      expect(scene.given()).toEqual(['3 to a'])
    })

    it('whatever prefetch says to a consumer that does not ack', () => {
      scene.consume({ tag: 'a', noAck: true, prefetch: 1 })
      scene.publish(1, 2, 3)
      expect(scene.given()).toEqual(['1 to a', '2 to a', '3 to a'])
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 0, consumers: 1 })
    })

    it('from the end of the turn of consume on, so that consume-ok goes first', () => {
      scene.publish(1)
      scene.queue.consume(scene.mailbox.consumer(scene.queue, { tag: 'a', noAck: true }))
      scene.publish(2)
      expect(scene.given()).toEqual([])
      scene.clock.endTurn()
      expect(scene.given()).toEqual(['1 to a', '2 to a'])
      scene.publish(3)
      expect(scene.given()).toEqual(['3 to a'])
    })

    it('a message straight to a consumer that does not ack, and stores nothing of it', async () => {
      scene.consume({ tag: 'a', noAck: true })
      expect(scene.publishConfirmed(1)).toBe('stored')
      await scene.clock.pass()
      expect(scene.given()).toEqual(['1 to a'])
      expect(await scene.store.messages.queueIds()).toEqual([])
    })

    it('nothing straight to one that does not ack while it is the turn of one that does', () => {
      scene.consume({ tag: 'acks' })
      scene.consume({ tag: 'does not', noAck: true })
      scene.publish(1, 2, 3)
      expect(scene.given()).toEqual(['1 to acks', '2 to does not', '3 to acks'])
    })

    it('nothing past messages that wait already', () => {
      const consumer = scene.consume({ tag: 'a', noAck: true })
      scene.mailbox.full.add(consumer)
      scene.publish(1)
      scene.mailbox.full.clear()
      scene.publish(2)
      wake([consumer])
      scene.publish(3)
      expect(scene.given()).toEqual(['1 to a', '2 to a', '3 to a'])
    })
  })

  describe('has consumers (§7.1, §7.4)', () => {
    it('of which an exclusive one is alone', () => {
      const refusal = { code: 403, message: "queue 'work' in vhost 'v' in exclusive use" }
      const only = scene.consume({ exclusive: true })
      const attempt = (exclusive: boolean) => () =>
        scene.queue.consume(scene.mailbox.consumer(scene.queue, { exclusive }))
      expect(attempt(false)).toThrow(expect.objectContaining(refusal))
      expect(attempt(true)).toThrow(expect.objectContaining(refusal))
      scene.publish(1)
      scene.publish(2)
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 2, consumers: 1 })
      scene.queue.cancel(only)
      scene.consume()
      scene.consume()
      expect(attempt(true)).toThrow(expect.objectContaining(refusal))
    })

    it('and answers basic.get all the same while one is exclusive (§7.1)', () => {
      const consumer = scene.consume({ exclusive: true })
      scene.mailbox.full.add(consumer)
      scene.publish(1)
      expect(scene.get()).toEqual([1, false])
    })

    it('whose deliveries stay out when they are cancelled, and can be acked and given back', () => {
      const consumer = scene.consume()
      scene.publish(1, 2)
      const [first, second] = scene.mailbox.given.map(({ seq }) => seq) as [number, number]
      scene.queue.cancel(consumer)
      scene.queue.cancel(consumer)
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 2, consumers: 0 })
      scene.queue.ack(first)
      scene.queue.reject(second, true)
      expect(scene.queue.stats()).toEqual({ ready: 1, unacked: 0, consumers: 0 })
      scene.publish(3)
      expect([scene.get(), scene.get()]).toEqual([
        [2, true],
        [3, false],
      ])
    })

    it('of which the next active one is given what the one before it had no room for (§7.2)', () => {
      scene.remake({ arguments: table({ 'x-single-active-consumer': true }) })
      const first = scene.consume()
      scene.mailbox.full.add(first)
      scene.consume()
      scene.publish(1, 2)
      expect(scene.mailbox.given).toEqual([])
      scene.queue.cancel(first)
      scene.clock.endTurn()
      expect(scene.mailbox.given.map(({ id }) => id)).toEqual([1, 2])
    })

    it('and says when the last one of an auto-delete queue has gone, whatever is unacked (§6.3)', () => {
      scene.remake({ autoDelete: true })
      scene.publish(1, 2)
      scene.queue.get()
      const [a, b] = [scene.consume(), scene.consume()]
      expect(scene.queue.stats().unacked).toBe(2)
      scene.queue.cancel(a)
      expect(scene.unused).toEqual([])
      scene.queue.cancel(b)
      expect(scene.unused).toEqual([scene.queue])
      scene.queue.cancel(b)
      expect(scene.unused).toHaveLength(1)
    })

    it('and says nothing of the kind when it is not auto-delete', () => {
      scene.queue.cancel(scene.consume())
      expect(scene.unused).toEqual([])
    })
  })

  describe('answers basic.get (§7.5)', () => {
    it('with how many messages are left', () => {
      scene.publish(1, 2, 3)
      expect([scene.gotten(), scene.gotten(), scene.gotten()].map((got) => got?.remaining)).toEqual([2, 1, 0])
      expect(scene.queue.get()).toBeNull()
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 3, consumers: 0 })
    })
  })

  describe('takes back (§7.6)', () => {
    it('a message to its place ahead of those never delivered', () => {
      scene.publish(0, 1, 2, 3, 4)
      const [, one] = scene.take(3)
      scene.queue.reject(one as number, true)
      expect([scene.get(), scene.get(), scene.get(), scene.get()]).toEqual([[1, true], [3, false], [4, false], null])
    })

    it('what a channel held, in the old order', () => {
      scene.publish(0, 1, 2, 3)
      for (const seq of [...scene.take(3)].reverse()) scene.queue.reject(seq, true)
      expect([scene.get(), scene.get(), scene.get(), scene.get()]).toEqual([
        [0, true],
        [1, true],
        [2, true],
        [3, false],
      ])
    })

    it('several in one turn, and delivers them in order when it ends', () => {
      scene.publish(1, 2, 3)
      const [one, two, three] = scene.take(3) as [number, number, number]
      const consumer = scene.consume({ tag: 'a' })
      scene.queue.reject(three, true)
      scene.queue.reject(one, true)
      scene.queue.reject(two, true)
      wake([consumer])
      scene.publish(4)
      expect(scene.given()).toEqual([])
      scene.clock.endTurn()
      expect(scene.mailbox.given.map(({ redelivered }) => redelivered)).toEqual([true, true, true, false])
      expect(scene.given()).toEqual(['1 to a', '2 to a', '3 to a', '4 to a'])
    })

    it('nothing that is rejected for good', () => {
      scene.publish(1, 2)
      scene.queue.reject(scene.take(1)[0] as number, false)
      expect([scene.get(), scene.get()]).toEqual([[2, false], null])
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 1, consumers: 0 })
    })
  })

  describe('is purged (§6.4)', () => {
    it('of what is ready, and not of what is out', () => {
      scene.publish(1, 2, 3, 4)
      const [one, two] = scene.take(2) as [number, number]
      scene.queue.reject(two, true)
      expect(scene.queue.purge()).toBe(3)
      expect(scene.queue.purge()).toBe(0)
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 1, consumers: 0 })
      scene.publish(5)
      scene.queue.reject(one, true)
      expect([scene.get(), scene.get(), scene.get()]).toEqual([[1, true], [5, false], null])
    })

    it('and tells those who wait that all is well', async () => {
      expect([scene.publishConfirmed(1), scene.publishConfirmed(2)]).toEqual(['pending', 'pending'])
      scene.queue.purge()
      expect(scene.told).toEqual([
        [1, 'stored'],
        [2, 'stored'],
      ])
      await scene.clock.pass()
      expect(scene.told).toHaveLength(2)
    })
  })

  describe('asks publishers to pause', () => {
    const fill = (count: number, kind: Kind = 'tiny') => {
      for (let id = 0; id < count; id++) scene.queue.publish(makeMessage(id, kind), null, 0)
    }

    it('while many messages wait for consumers that are there', () => {
      fill(2001)
      expect(scene.queue.pressed).toBe(false)
      const consumer = scene.mailbox.consumer(scene.queue)
      scene.queue.consume(consumer)
      expect(scene.queue.pressed).toBe(true)
      scene.queue.ack(scene.take(1)[0] as number)
      expect(scene.queue.pressed).toBe(false)
      fill(1)
      expect(scene.queue.pressed).toBe(true)
      scene.queue.cancel(consumer)
      expect(scene.queue.pressed).toBe(false)
    })

    it('while many octets do', () => {
      scene.queue.consume(scene.mailbox.consumer(scene.queue))
      fill(10, 'large')
      expect(scene.queue.pressed).toBe(false)
      fill(10, 'large')
      expect(scene.queue.pressed).toBe(true)
    })
  })
})
