// The doors for HTTP: with and without TLS, one application behind them, and the socket given away where it is asked for.

import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import { HttpDoors, type HttpSettings } from '../../src/management/http-doors.ts'
import { Authority } from '../support/certificates.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'
import { LogBook } from '../support/world.ts'

let folder: string
let authority: Authority
let options: SecureContextOptions
let doors: HttpDoors | null

beforeAll(async () => {
  folder = await createTemporaryDirectory()
  authority = new Authority(folder)
  options = Authority.read(authority.issue('server', { subject: '/CN=localhost', san: 'IP:127.0.0.1' }))
})
afterAll(() => removeTemporaryDirectory(folder))

beforeEach(() => {
  doors = null
})
afterEach(() => doors?.close())

async function open(settings: Partial<HttpSettings>, certificate = true) {
  const renewals: ((options: SecureContextOptions) => void)[] = []
  const load = jest.fn(async () => ({
    routing: (request: IncomingMessage, response: ServerResponse) => void response.end(`${request.method}`),
    close: async () => {},
  }))
  const upgrade = (_: IncomingMessage, socket: Duplex) => void socket.end('taken over')
  const made = { options, onRenewal: (renewal: (options: SecureContextOptions) => void) => void renewals.push(renewal) }
  doors = await HttpDoors.open(
    { host: '127.0.0.1', httpHost: null, httpPort: 0, httpsPort: 0, metricsPort: 'off', ...settings },
    certificate ? made : null,
    { logger: new LogBook(), load, upgrade, loadMetrics: load },
  )
  return { doors, load, renewals }
}

/** The answer to a GET over TLS, and the name in the certificate. */
function asked(url: string): Promise<readonly [text: string, name: unknown]> {
  return new Promise((resolve, reject) => {
    const request = get(url, { ca: readFileSync(authority.cert), agent: false }, (response) => {
      const { subject } = (
        response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
      ).getPeerCertificate()
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve([text, subject.CN]))
    })
    request.on('error', reject)
  })
}

it('are one without TLS and one with it, before the same application', async () => {
  const { doors, load } = await open({})
  const [http = '', https = ''] = doors.urls
  expect(doors.listeners.map(({ protocol }) => protocol)).toEqual(['http', 'https'])
  expect(await (await fetch(http)).text()).toBe('GET')
  expect(await asked(https)).toEqual(['GET', 'localhost'])
  expect(load).toHaveBeenCalledTimes(1)
})

it('show a new certificate to those who come later', async () => {
  const { doors, renewals } = await open({ httpPort: 'off' })
  const renewed = authority.issue('renewed', { subject: '/CN=renewed', san: 'IP:127.0.0.1' })
  for (const renewal of renewals) renewal(Authority.read(renewed))
  expect(await asked(doors.urls[0] ?? '')).toEqual(['GET', 'renewed'])
})

it.each([
  [{ httpPort: 'off', httpsPort: 'off' }, true, 0],
  [{}, false, 1],
] as const)('are as many as the settings want: %j', async (settings, certificate, count) => {
  expect((await open(settings, certificate)).doors.urls).toHaveLength(count)
})

it('are where AMQP is, unless they are to be elsewhere', async () => {
  const same = await open({ httpsPort: 'off', metricsPort: 0 })
  expect(same.doors.listeners.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1'])
  await same.doors.close()
  const other = await open({ httpHost: '127.0.0.2', httpsPort: 'off' })
  expect(other.doors.listeners.map(({ address }) => address)).toEqual(['127.0.0.2'])
})

it('are none where one cannot be opened', async () => {
  const { doors } = await open({ httpsPort: 'off' })
  const port = Number(new URL(doors.urls[0] ?? '').port)
  await expect(
    HttpDoors.open(
      { host: '127.0.0.1', httpHost: null, httpPort: 0, httpsPort: port, metricsPort: 'off' },
      { options, onRenewal: () => {} },
      { logger: new LogBook(), load: () => Promise.reject(), loadMetrics: () => Promise.reject(), upgrade: () => {} },
    ),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('give the socket away to what is spoken instead', async () => {
  const { doors } = await open({})
  const { port } = new URL(doors.urls[0] ?? '')
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += chunk
  expect(text).toBe('taken over')
})

it('lead to metrics at a port of their own, where that is asked for', async () => {
  const { doors, load } = await open({ metricsPort: 0, httpsPort: 'off' })
  expect(doors.listeners.map(({ protocol }) => protocol)).toEqual(['http', 'http/prometheus'])
  expect(doors.urls).toHaveLength(1)
  const answer = await fetch(`http://127.0.0.1:${doors.listeners[1]?.port}/metrics`)
  expect([await answer.text(), load.mock.calls.length]).toEqual(['GET', 1])
})
