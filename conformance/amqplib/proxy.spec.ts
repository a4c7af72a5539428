// A proxy before the broker that says who comes to it (PROXY protocol), asked of Leveret and of a live RabbitMQ beside it:
// both show the client where the proxy saw it.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { findRabbitmq, type Rabbitmq, startRabbitmq } from '../support/rabbitmq.ts'
import { openChannel } from './support.ts'

jest.setTimeout(120_000)

const names = findRabbitmq() === undefined ? (['Leveret'] as const) : (['Leveret', 'RabbitMQ'] as const)
type Name = (typeof names)[number]

let leveret: Leveret | undefined
let rabbitmq: Rabbitmq | undefined

beforeAll(async () => {
  leveret = await startLeveret({ ephemeral: true, http: true, args: ['--proxy-protocol'] })
  if (names.length > 1) rabbitmq = await startRabbitmq({ config: ['proxy_protocol = true'], statistics: true })
})
afterAll(async () => {
  await leveret?.stop()
  await rabbitmq?.stop()
})

/** Both versions say that 127.0.0.9 has come to 192.0.2.5:5672, from port 50001 and 50002. */
const headers: readonly (readonly [version: string, port: number, header: Buffer])[] = [
  ['version 1', 50_001, Buffer.from('PROXY TCP4 127.0.0.9 192.0.2.5 50001 5672\r\n')],
  [
    'version 2',
    50_002,
    Buffer.concat([
      Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'latin1'),
      Buffer.from([127, 0, 0, 9, 192, 0, 2, 5, 50_002 >> 8, 50_002 & 255, 5672 >> 8, 5672 & 255]),
    ]),
  ],
]

/** A proxy that writes `header` before what it passes on to `port`. */
async function openProxy(port: number, header: Buffer): Promise<Server> {
  const server = createServer((client) => {
    const broker = connect({ host: '127.0.0.1', port })
    broker.write(header)
    client.pipe(broker).pipe(client)
    for (const socket of [client, broker]) socket.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

/** The connection of that name, as the HTTP API shows it; RabbitMQ does some seconds after it has come. */
async function shown(httpUrl: string, name: string): Promise<unknown> {
  const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }
  for (let tries = 0; tries < 20_000; tries++) {
    const answer = await fetch(`${httpUrl}/api/connections/${encodeURIComponent(name)}`, { headers })
    if (answer.status === 200) return answer.json()
  }
  return null
}

const brokerOf = (name: Name) =>
  name === 'Leveret'
    ? { port: leveret?.port ?? 0, httpUrl: leveret?.httpUrl ?? '' }
    : { port: rabbitmq?.port ?? 0, httpUrl: rabbitmq?.managementUrl ?? '' }

describe.each(names)('%s behind a proxy', (name) => {
  it.each(headers)('knows who has come, by %s', async (_, from, header) => {
    const { port, httpUrl } = brokerOf(name)
    const proxy = await openProxy(port, header)
    const { channel, close } = await openChannel(
      `amqp://guest:guest@127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    )
    const { queue } = await channel.assertQueue('', { exclusive: true })
    channel.sendToQueue(queue, Buffer.alloc(300_000, 'x'))
    await channel.waitForConfirms()
    const got = await channel.get(queue)
    expect(got ? got.content : '').toHaveLength(300_000)
    expect(await shown(httpUrl, `127.0.0.9:${from} -> 192.0.2.5:5672`)).toMatchObject({
      ...{ peer_host: '127.0.0.9', peer_port: from, host: '192.0.2.5', port: 5672 },
    })
    await close()
    proxy.close()
    await once(proxy, 'close')
  })

  it('takes nobody who does not say', async () => {
    const { port } = brokerOf(name)
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write('AMQP\0\0\x09\x01')
    let said = 0
    socket.on('data', (bytes) => {
      said += bytes.length
    })
    await closed
    expect(said).toBe(0)
  })
})
