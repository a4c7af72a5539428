/** RabbitMQ's own Go client, built from Debian's sources (no module download). */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientPath, describeClient, expectOutput } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { runProgram } from '../support/program.ts'

jest.setTimeout(180_000)

/** GOPATH mode; without cgo, so that no C compiler is needed. */
const goEnvironment = {
  GO111MODULE: 'off',
  GOPATH: '/usr/share/gocode',
  GOPROXY: 'off',
  GOFLAGS: '',
  CGO_ENABLED: '0',
}

describeClient('go', 'amqp091-go', () => {
  let leveret: Leveret
  let folder: string

  beforeAll(async () => {
    leveret = await startLeveret()
    folder = await mkdtemp(join(tmpdir(), 'leveret-go-'))
  })
  afterAll(async () => {
    await leveret?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  it('publishes with confirms, gets an unroutable message back, and consumes with acks and a nack', async () => {
    const program = join(folder, 'confirms')
    const built = await runProgram({
      command: 'go',
      args: ['build', '-o', program, clientPath('go', 'confirms.go')],
      env: { HOME: folder, ...process.env, ...goEnvironment },
      limitMs: 150_000,
    })
    expectOutput(built, [])
    expectOutput(await runProgram({ command: program, args: [leveret.url] }), [
      'confirmed: 500',
      'returned: 312 NO_ROUTE unroutable, confirmed true',
      'requeued: redelivered true',
      'acked: 500',
      'left: 0',
    ])
  })
})
