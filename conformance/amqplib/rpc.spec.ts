/** RabbitMQ's tutorial 6 with amqplib: a request queue, a reply queue a client or direct reply-to, correlation ids. */
import { randomUUID } from 'node:crypto'
import type { Channel } from 'amqplib'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { openChannel, openInbox, uniqueName } from './support.ts'

let leveret: Leveret

beforeAll(async () => {
  leveret = await startLeveret({ ephemeral: true })
})
afterAll(() => leveret?.stop())

/** Answers `n` with its square; the requests of one batch of `batch` are answered in reverse order. */
async function serveSquares(channel: Channel, queue: string, batch: number): Promise<void> {
  const held: (() => void)[] = []
  await channel.consume(queue, (request) => {
    if (request === null) return
    held.push(() => {
      const answer = Number(request.content.toString()) ** 2
      const { correlationId, replyTo } = request.properties
      channel.sendToQueue(replyTo, Buffer.from(`${answer}`), { correlationId })
      channel.ack(request)
    })
    if (held.length === batch) for (const answer of held.splice(0).reverse()) answer()
  })
}

const replyQueues: readonly (readonly [string, (channel: Channel) => Promise<string>])[] = [
  ['an exclusive queue each', async (channel) => (await channel.assertQueue('', { exclusive: true })).queue],
  ['direct reply-to', async () => 'amq.rabbitmq.reply-to'],
]

it.each(replyQueues)(
  'matches answers to requests of two clients that are answered out of order: %s',
  async (_, named) => {
    const queue = uniqueName('rpc')
    const server = await openChannel(leveret.url)
    await server.channel.assertQueue(queue, { durable: false, autoDelete: true })
    await serveSquares(server.channel, queue, 10)
    const clients = [await openChannel(leveret.url), await openChannel(leveret.url)]
    const asked = clients.map(async ({ channel }, client) => {
      const replyTo = await named(channel)
      const inbox = await openInbox(channel, replyTo, { noAck: true })
      const expected = new Map<string, string>()
      for (let n = client * 100; n < client * 100 + 50; n++) {
        const correlationId = randomUUID()
        expected.set(correlationId, `${n ** 2}`)
        channel.sendToQueue(queue, Buffer.from(`${n}`), { correlationId, replyTo })
      }
      const answers = await inbox.take(50)
      expect(new Map(answers.map((each) => [each.properties.correlationId, each.content.toString()]))).toEqual(expected)
    })
    await Promise.all(asked)
    await Promise.all([server, ...clients].map((each) => each.close()))
  },
)
