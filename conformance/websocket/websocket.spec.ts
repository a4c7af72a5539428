/**
 * AMQP over WebSocket with the client that browsers use (@cloudamqp/amqp-client): in Node, and in Chromium where that is
 * installed (it is big, and no other spec needs it).
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AMQPWebSocketClient } from '@cloudamqp/amqp-client/amqp-websocket-client'
import { WebSocket } from 'ws'
import { type Leveret, startLeveret } from '../support/leveret.ts'

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const script = join(__dirname, '../../node_modules/@cloudamqp/amqp-client/dist/amqp-websocket-client.mjs')

let leveret: Leveret
let url: string

beforeAll(async () => {
  leveret = await startLeveret({ ephemeral: true, args: ['--http-port', '0', '--http-host', '127.0.0.1'] })
  const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(leveret.log()) ?? []
  url = `ws://127.0.0.1:${port}/ws`
})
afterAll(() => leveret?.stop())

it('carries the client in Node', async () => {
  Object.assign(globalThis, { WebSocket })
  const client = new AMQPWebSocketClient(url, '/', 'guest', 'guest')
  const connection = await client.connect()
  const channel = await connection.channel()
  const queue = await channel.queueDeclare('', { exclusive: true })
  await channel.confirmSelect()
  const bodies = ['one', 'x'.repeat(300_000), 'three']
  for (const body of bodies) await channel.basicPublish('', queue.name, body)
  const got: (string | null)[] = []
  const all = new Promise<void>((resolve) => {
    void channel.basicConsume(queue.name, { noAck: true }, (message) => {
      got.push(message.bodyString())
      if (got.length === bodies.length) resolve()
    })
  })
  await all
  expect(got).toEqual(bodies)
  await connection.close()
})

it('refuses a wrong password', async () => {
  Object.assign(globalThis, { WebSocket })
  await expect(new AMQPWebSocketClient(url, '/', 'guest', 'wrong').connect()).rejects.toThrow(/ACCESS_REFUSED/)
})

if (chromium) it('carries the client in a browser', () => inBrowser(chromium))
else process.stderr.write('left out: WebSocket in a browser (chromium is not installed)\n')

async function inBrowser(executable: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'leveret-chromium-'))
  const { page, told, server } = await serve()
  const headless = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${folder}`, page]
  const browser = spawn(executable, headless, { stdio: 'ignore' })
  const gone = once(browser, 'exit')
  try {
    expect(await told).toEqual({ got: ['one', 300_000, 'three'], refused: true })
  } finally {
    browser.kill('SIGKILL')
    await gone
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A page that does what the test in Node does, and tells what has come of it. */
async function serve(): Promise<{ readonly page: string; readonly told: Promise<unknown>; readonly server: Server }> {
  let tell: (what: unknown) => void = () => {}
  const told = new Promise((resolve) => {
    tell = resolve
  })
  const server = createServer((request, response) => {
    if (request.method === 'POST') void bodyOf(request).then((text) => tell(JSON.parse(text)))
    const isScript = request.url === '/client.mjs'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? readFileSync(script) : PAGE.replaceAll('URL', url))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  return { page: `http://127.0.0.1:${port}/`, told, server }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

const PAGE = `<!doctype html><script type="module">
import { AMQPWebSocketClient } from '/client.mjs'
const told = {}
try {
  const connection = await new AMQPWebSocketClient('URL', '/', 'guest', 'guest').connect()
  const channel = await connection.channel()
  const queue = await channel.queueDeclare('', { exclusive: true })
  await channel.confirmSelect()
  for (const body of ['one', 'x'.repeat(300_000), 'three']) await channel.basicPublish('', queue.name, body)
  told.got = []
  await new Promise((resolve) => channel.basicConsume(queue.name, { noAck: true }, (message) => {
    const text = message.bodyString()
    told.got.push(text.length > 10 ? text.length : text)
    if (told.got.length === 3) resolve()
  }))
  await connection.close()
  told.refused = await new AMQPWebSocketClient('URL', '/', 'guest', 'wrong').connect().then(() => false, () => true)
} catch (error) {
  told.error = String(error)
}
await fetch('/', { method: 'POST', body: JSON.stringify(told) })
</script>`
