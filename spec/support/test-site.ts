// A test broker, and clients of amqp.node that end with the test.

import type { Socket } from 'node:net'
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { type BrokerOptions, startBroker, type TestBroker } from '../../src/testing/index.ts'

/** The socket of a client. */
export function socketOf(client: ChannelModel): Socket {
  return (client.connection as unknown as { readonly stream: Socket }).stream
}

/** Resolves when a client has been closed, whatever it says about that. */
export function closed(client: ChannelModel): Promise<void> {
  return new Promise((resolve) => void client.once('close', () => resolve()))
}

/** What a spec of the test broker works with. */
export class TestSite {
  readonly broker: TestBroker
  readonly #clients: ChannelModel[] = []

  private constructor(broker: TestBroker) {
    this.broker = broker
  }

  static async open(options: BrokerOptions = {}): Promise<TestSite> {
    return new TestSite(await startBroker(options))
  }

  /** A client that bears with being closed. */
  async client(url = this.broker.url): Promise<ChannelModel> {
    const client = await connect(url)
    client.on('error', () => {})
    this.#clients.push(client)
    return client
  }

  /** A channel of a client of its own. */
  async channel(url = this.broker.url): Promise<ConfirmChannel> {
    const channel = await (await this.client(url)).createConfirmChannel()
    channel.on('error', () => {})
    return channel
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close().catch(() => {})))
    await this.broker.stop()
  }
}
