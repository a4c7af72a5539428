// A stand-in for amqplib, for specs of commands: queues and bindings in memory behind the part of its interface that the
// command line uses. Messages go round as they do with a broker; nothing is known of frames, limits or permissions.

import { EventEmitter } from 'node:events'

type Table = Readonly<Record<string, unknown>>

interface Stored {
  readonly content: Buffer
  readonly properties: Record<string, unknown>
  readonly exchange: string
  readonly routingKey: string
  redelivered: boolean
}

interface Consumer {
  readonly channel: FakeChannel
  readonly queue: string
  readonly noAck: boolean
  readonly deliver: (message: unknown) => void
}

/** A broker that is not there. */
export const world = {
  queues: new Map<string, Stored[]>(),
  bindings: [] as { readonly source: string; readonly key: string; readonly queue: string; readonly table?: unknown }[],
  consumers: new Map<string, Consumer>(),
  /** Set to let `connect` fail. */
  failure: undefined as Error | undefined,
  /** Queues whose messages are refused. */
  full: new Set<string>(),
  urls: [] as string[],
}

/** Forgets all. */
export function resetWorld(): void {
  world.queues.clear()
  world.bindings = []
  world.consumers.clear()
  world.failure = undefined
  world.full.clear()
  world.urls = []
}

/** Puts messages into a queue; each is a body, or a body with properties. */
export function fill(
  queue: string,
  ...messages: readonly (string | readonly [body: string, properties: Table])[]
): void {
  const stored = world.queues.get(queue) ?? []
  for (const message of messages) {
    const [body, properties] = typeof message === 'string' ? [message, {}] : message
    stored.push({
      content: Buffer.from(body),
      properties: { ...properties },
      exchange: '',
      routingKey: queue,
      redelivered: false,
    })
  }
  world.queues.set(queue, stored)
}

/** The bodies in a queue. */
export function bodiesIn(queue: string): readonly string[] {
  return (world.queues.get(queue) ?? []).map(({ content }) => content.toString())
}

/** Publishes from outside. */
export function publishFromOutside(exchange: string, key: string, body: string, properties: Table = {}): void {
  route(exchange, key, Buffer.from(body), properties)
}

function route(exchange: string, routingKey: string, content: Buffer, properties: Table): readonly string[] {
  const targets =
    exchange === ''
      ? [routingKey].filter((name) => world.queues.has(name))
      : world.bindings
          .filter(({ source, key }) => source === exchange && (key === '#' || key === routingKey))
          .map(({ queue }) => queue)
  for (const target of targets) {
    world.queues.get(target)?.push({ content, properties: { ...properties }, exchange, routingKey, redelivered: false })
    dispatch(target)
  }
  return targets
}

function dispatch(queue: string): void {
  for (const consumer of world.consumers.values()) {
    if (consumer.queue !== queue) continue
    const messages = world.queues.get(queue) ?? []
    for (let stored = messages.shift(); stored; stored = messages.shift()) {
      const message = consumer.channel.handOut(queue, stored, consumer.noAck)
      setImmediate(() => consumer.deliver(message))
    }
  }
}

function notFound(queue: string): Error {
  const text = `Operation failed: 404 (NOT-FOUND) with message "NOT_FOUND - no queue '${queue}' in vhost '/'"`
  return Object.assign(new Error(text), { code: 404 })
}

let serial = 0

class FakeChannel extends EventEmitter {
  readonly #out = new Map<number, { readonly queue: string; readonly stored: Stored }>()
  #tag = 0

  handOut(queue: string, stored: Stored, noAck: boolean, messageCount?: number): unknown {
    const deliveryTag = ++this.#tag
    if (!noAck) this.#out.set(deliveryTag, { queue, stored })
    const { exchange, routingKey, redelivered } = stored
    const fields = {
      exchange,
      routingKey,
      redelivered,
      deliveryTag,
      ...(messageCount === undefined ? {} : { messageCount }),
    }
    return { content: stored.content, properties: { headers: {}, ...stored.properties }, fields }
  }

  async checkQueue(queue: string) {
    const messages = world.queues.get(queue)
    if (!messages) throw notFound(queue)
    return { queue, messageCount: messages.length, consumerCount: 0 }
  }

  async assertQueue(name: string) {
    const queue = name || `amq.gen-${++serial}`
    if (!world.queues.has(queue)) world.queues.set(queue, [])
    return this.checkQueue(queue)
  }

  async bindQueue(queue: string, source: string, key: string, table?: unknown) {
    world.bindings.push({ source, key, queue, table })
  }

  async prefetch() {}

  async consume(queue: string, deliver: (message: unknown) => void, { noAck = false } = {}) {
    await this.checkQueue(queue)
    const consumerTag = `ctag-${++serial}`
    world.consumers.set(consumerTag, { channel: this, queue, noAck, deliver })
    dispatch(queue)
    return { consumerTag }
  }

  async cancel(tag: string) {
    world.consumers.delete(tag)
  }

  async get(queue: string, { noAck = false } = {}) {
    await this.checkQueue(queue)
    const messages = world.queues.get(queue) ?? []
    const stored = messages.shift()
    return stored ? this.handOut(queue, stored, noAck, messages.length) : false
  }

  ack({ fields }: { readonly fields: { readonly deliveryTag: number } }, allUpTo = false) {
    for (const tag of this.#upTo(fields.deliveryTag, allUpTo)) this.#out.delete(tag)
  }

  nack({ fields }: { readonly fields: { readonly deliveryTag: number } }, allUpTo = false, requeue = true) {
    this.#giveBack(this.#upTo(fields.deliveryTag, allUpTo), requeue)
  }

  reject(message: { readonly fields: { readonly deliveryTag: number } }, requeue = true) {
    this.nack(message, false, requeue)
  }

  async close() {
    for (const [tag, { channel }] of world.consumers) if (channel === this) world.consumers.delete(tag)
    this.#giveBack([...this.#out.keys()], true)
  }

  publish(
    exchange: string,
    key: string,
    content: Buffer,
    options: Table = {},
    done?: (error: unknown) => void,
  ): boolean {
    const { mandatory, ...properties } = options
    setImmediate(() => {
      if (world.full.has(key)) return done?.(new Error('message nacked'))
      const routed = route(exchange, key, content, properties)
      if (routed.length === 0 && mandatory) {
        this.emit('return', { fields: { exchange, routingKey: key, replyCode: 312 }, content, properties })
      }
      done?.(null)
    })
    return true
  }

  sendToQueue(queue: string, content: Buffer, options?: Table, done?: (error: unknown) => void): boolean {
    return this.publish('', queue, content, options, done)
  }

  #upTo(tag: number, all: boolean): readonly number[] {
    return [...this.#out.keys()].filter((each) => each === tag || (all && each < tag))
  }

  #giveBack(tags: readonly number[], requeue: boolean): void {
    for (const tag of tags.toReversed()) {
      const held = this.#out.get(tag)
      this.#out.delete(tag)
      if (!held || !requeue) continue
      held.stored.redelivered = true
      world.queues.get(held.queue)?.unshift(held.stored)
    }
  }
}

class FakeConnection extends EventEmitter {
  async createChannel() {
    return new FakeChannel()
  }

  async createConfirmChannel() {
    return new FakeChannel()
  }

  async close() {
    this.emit('close')
  }
}

/** amqplib's connect. */
export async function connect(url: string): Promise<FakeConnection> {
  world.urls.push(url)
  if (world.failure) throw world.failure
  return new FakeConnection()
}
