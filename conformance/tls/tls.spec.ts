/** TLS with the clients that people have: openssl, pika, amqplib; certificates of clients, and a certificate that is renewed. */

import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { connect, credentials } from 'amqplib'
import { describeClient, expectOutput, runPython } from '../clients/clients.ts'
import { type Authority, createAuthority, type Issued, pemOf } from '../support/certificates.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

let folder: string
let authority: Authority
let server: Issued
let client: Issued
let leveret: Leveret
/** `localhost:port` of the door for TLS. */
let place: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-tls-'))
  authority = createAuthority(folder)
  server = authority.issue('server', '/CN=localhost')
  // The user that every new broker has.
  client = authority.issue('client', '/O=Leveret/CN=guest')
  const tls = ['--tls-port', '0', '--tls-cert', server.cert, '--tls-key', server.key, '--tls-ca', authority.cert]
  leveret = await startLeveret({ ephemeral: true, args: [...tls, '--tls-verify', 'peer'] })
  const [, port] = /amqps:\/\/127\.0\.0\.1:(\d+)/.exec(leveret.log()) ?? []
  place = `localhost:${port}`
})
afterAll(async () => {
  await leveret?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What openssl says of the door, and its exit code. */
function openssl(...args: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  return new Promise((resolve) => {
    const all = ['s_client', '-connect', place, '-CAfile', authority.cert, '-verify_return_error', '-brief', ...args]
    const child = execFile('openssl', all, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}` }),
    )
    child.stdin?.end()
  })
}

/** The name in the certificate that is shown to somebody who comes now. */
function shownName(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const [host = '', port = ''] = place.split(':')
    const socket = connectTls({ host, port: Number(port), ca: readFileSync(authority.cert) }, () => {
      resolve(socket.getPeerCertificate().subject.CN)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

describe('openssl', () => {
  it.each([['-tls1_2'], ['-tls1_3']])('is content with the certificate, %s', async (version) => {
    const { code, said } = await openssl(version)
    expect(said).toContain('Verification: OK')
    expect(code).toBe(0)
  })

  it('gets nowhere with an older version', async () => {
    const { code, said } = await openssl('-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0')
    expect(code).not.toBe(0)
    expect(said).toMatch(/alert protocol version|unsupported protocol/)
  })
})

describe('amqplib over TLS', () => {
  it.each(['with a password', 'with a certificate alone'])('logs in %s', async (how) => {
    const own = how === 'with a password' ? {} : { ...pemOf(client), credentials: credentials.external() }
    const connection = await connect(`amqps://${place}`, { ca: [readFileSync(authority.cert)], ...own })
    const channel = await connection.createConfirmChannel()
    const { queue } = await channel.assertQueue('', { exclusive: true })
    channel.sendToQueue(queue, Buffer.alloc(300_000, 'x'))
    await channel.waitForConfirms()
    const got = await channel.get(queue)
    expect(got ? got.content.length : null).toBe(300_000)
    await connection.close()
  })

  it('is not let in by a certificate of nobody', async () => {
    const own = { ...pemOf(authority.issue('nobody', '/CN=nobody')), credentials: credentials.external() }
    const attempt = connect(`amqps://${place}`, { ca: [readFileSync(authority.cert)], ...own })
    await expect(attempt).rejects.toThrow(/ACCESS[_-]REFUSED/)
  })
})

describeClient('pika', 'pika over TLS', () => {
  it('logs in with a password', async () => {
    expectOutput(await runPython('pika', 'tls.py', `amqps://guest:guest@${place}/%2F`, authority.cert), [
      'got 300000 octets',
    ])
  })

  it('logs in with a certificate alone', async () => {
    const own = [client.cert, client.key]
    expectOutput(await runPython('pika', 'tls.py', `amqps://${place}/%2F`, authority.cert, ...own), [
      'got 300000 octets',
    ])
  })

  it('is told as for any login that its certificate is of nobody', async () => {
    const { cert, key } = authority.issue('nobody', '/CN=nobody')
    expectOutput(await runPython('pika', 'tls.py', `amqps://${place}/%2F`, authority.cert, cert, key), [
      'refused: ProbableAuthenticationError',
    ])
  })
})

// Last: the certificate is another one from here on.
describe('a certificate that is replaced', () => {
  it('is shown to those who come later, without a restart', async () => {
    expect(await shownName()).toBe('localhost')
    const renewed = authority.issue('renewed', '/CN=renewed')
    copyFileSync(renewed.cert, server.cert)
    copyFileSync(renewed.key, server.key)
    process.kill(leveret.pid, 'SIGHUP')
    const deadline = performance.now() + 10_000
    while ((await shownName()) !== 'renewed') expect(performance.now()).toBeLessThan(deadline)
  })
})
