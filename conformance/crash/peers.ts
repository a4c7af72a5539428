/**
 * Connections that survive being cut: what amqplib needs so that a broker that dies is an event like any other. Knows
 * amqplib, and the names of what is declared.
 */
import { type Channel, type ChannelModel, type ConfirmChannel, connect, type Message } from 'amqplib'
import type { Bodies } from './bodies.ts'
import { Broken, type Found } from './ledger.ts'

/** Queues that are published to one by one, through a fanout exchange, and in transactions. */
export const topology = {
  direct: ['crash.direct.0', 'crash.direct.1', 'crash.direct.2', 'crash.direct.3'],
  fanout: ['crash.fanout.0', 'crash.fanout.1', 'crash.fanout.2'],
  transacted: ['crash.tx.0', 'crash.tx.1'],
  exchange: 'crash.fanout',
  /** Takes the publishes by which consumers learn that their settlements are stored. */
  marks: 'crash.marks',
}

/** A connection, and when it is gone. */
export interface Open {
  readonly connection: ChannelModel
  readonly closed: Promise<void>
}

/** Connects to the broker; the connection's errors are part of the game. */
export async function open(url: string): Promise<Open> {
  const connection = await connect(url, { noDelay: true })
  connection.on('error', () => undefined)
  return { connection, closed: new Promise((resolve) => connection.once('close', () => resolve())) }
}

/** A channel whose errors are part of the game. */
export async function openChannel({ connection }: Open): Promise<Channel> {
  const channel = await connection.createChannel()
  channel.on('error', () => undefined)
  return channel
}

/** The same, in confirm mode. */
export async function openConfirmChannel({ connection }: Open): Promise<ConfirmChannel> {
  const channel = await connection.createConfirmChannel()
  channel.on('error', () => undefined)
  return channel
}

/** Declares all of `topology`. */
export async function declare(url: string): Promise<void> {
  const peer = await open(url)
  const channel = await openChannel(peer)
  const { direct, fanout, transacted, exchange, marks } = topology
  for (const queue of [...direct, ...fanout, ...transacted, marks]) await channel.assertQueue(queue, { durable: true })
  await channel.assertExchange(exchange, 'fanout', { durable: true })
  for (const queue of fanout) await channel.bindQueue(queue, exchange, '')
  await peer.connection.close()
}

/** Runs a call that throws once the channel is closed; says whether it went through. */
export function attempt(call: () => unknown): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}

/** @throws Broken when the body is not the one that was published */
export function identify(message: Message, bodies: Bodies): Found {
  const id = Number(message.properties.messageId)
  if (!bodies.of(id).equals(message.content)) throw new Broken(`message ${id} is damaged`)
  return { id, redelivered: message.fields.redelivered }
}
