/** Debian's amqp-tools, which are librabbitmq, the C client: a queue is declared, filled, looked at, emptied, deleted. */
import { describeClient, expectOutput } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { runProgram } from '../support/program.ts'

describeClient('amqp-tools', 'amqp-tools', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret()
  })
  afterAll(() => leveret?.stop())

  const run = (command: string, ...args: readonly string[]) =>
    runProgram({ command, args: ['--url', leveret.url, ...args] })

  it('send and take messages', async () => {
    expectOutput(await run('amqp-declare-queue', '--queue=tools', '--durable'), ['tools'])
    for (const body of ['one', 'two', 'three']) {
      expectOutput(await run('amqp-publish', '--routing-key=tools', '--persistent', `--body=${body}\n`), [])
    }
    expectOutput(await run('amqp-get', '--queue=tools'), ['one'])
    expectOutput(await run('amqp-consume', '--queue=tools', '--count=2', '--prefetch-count=1', 'cat'), ['two', 'three'])
    expect((await run('amqp-get', '--queue=tools')).code).toBe(2)
    expectOutput(await run('amqp-delete-queue', '--queue=tools'), ['0'])
  })

  it('say what is refused', async () => {
    const { code, stderr } = await run('amqp-delete-queue', '--queue=tools', '--if-unused')
    expect(code).toBe(0)
    expect(stderr).toBe('')
    const refused = await run('amqp-consume', '--queue=nowhere', 'cat')
    expect(refused.stderr).toContain(`404, message: NOT_FOUND - no queue 'nowhere' in vhost '/'`)
    expect(refused.code).not.toBe(0)
  })
})
