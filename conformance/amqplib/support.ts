/**
 * What the amqplib specs share: unique names, a consumer whose deliveries can be awaited, and emptying a queue.
 * Uses amqplib only.
 */
import { randomBytes } from 'node:crypto'
import { type Channel, type ConfirmChannel, type ConsumeMessage, connect, type GetMessage, type Options } from 'amqplib'

/** A name that no other test uses, so that specs may share a broker. */
export function uniqueName(stem: string): string {
  return `${stem}-${randomBytes(6).toString('hex')}`
}

/** A consumer's deliveries, in order. `null` in amqplib (the broker cancelled the consumer) ends `cancelled`. */
export interface Inbox {
  readonly consumerTag: string
  /** All deliveries so far, whether taken or not. */
  readonly received: readonly ConsumeMessage[]
  readonly cancelled: Promise<void>
  /** The next delivery that was not taken yet; waits for it. */
  next(): Promise<ConsumeMessage>
  /** The next `count` deliveries. */
  take(count: number): Promise<ConsumeMessage[]>
}

/** Consumes from a queue into an inbox. Nothing is acknowledged here. */
export async function openInbox(channel: Channel, queue: string, options: Options.Consume = {}): Promise<Inbox> {
  const received: ConsumeMessage[] = []
  const waiting: ((message: ConsumeMessage) => void)[] = []
  let taken = 0
  let cancel: () => void = () => undefined
  const cancelled = new Promise<void>((resolve) => {
    cancel = resolve
  })
  const onMessage = (message: ConsumeMessage | null) => {
    if (message === null) return cancel()
    received.push(message)
    waiting.shift()?.(message)
  }
  const next = (): Promise<ConsumeMessage> => {
    const message = received[taken++]
    return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve))
  }
  const { consumerTag } = await channel.consume(queue, onMessage, options)
  const take = (count: number) => Promise.all(Array.from({ length: count }, next))
  return { consumerTag, received, cancelled, next, take }
}

/** Takes everything ready in a queue with basic.get, acknowledged, until it is empty. */
export async function drain(channel: Channel, queue: string): Promise<GetMessage[]> {
  const messages: GetMessage[] = []
  for (;;) {
    const message = await channel.get(queue, { noAck: true })
    if (message === false) return messages
    messages.push(message)
  }
}

/** The bodies of messages as text. */
export function bodies(messages: readonly { readonly content: Buffer }[]): string[] {
  return messages.map((message) => message.content.toString())
}

/** Publishes one text per item on a confirm channel and waits until the broker has confirmed them all. */
export async function publishAll(
  channel: ConfirmChannel,
  queue: string,
  texts: readonly string[],
  options: Options.Publish = {},
): Promise<void> {
  for (const text of texts) channel.sendToQueue(queue, Buffer.from(text), options)
  await channel.waitForConfirms()
}

/** `count` texts: `stem-0`, `stem-1` … */
export function numbered(stem: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${stem}-${index}`)
}

/** A connection with one confirm channel; `close` closes the connection (and is safe when it is gone already). */
export async function openChannel(url: string, socketOptions: Parameters<typeof connect>[1] = {}) {
  const connection = await connect(url, socketOptions)
  const channel = await connection.createConfirmChannel()
  const close = () => connection.close().catch(() => undefined)
  return { connection, channel, close }
}
