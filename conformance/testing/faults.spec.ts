/**
 * Every fault of a test broker, as pika lives through it: in another process and another language, by `leveret exec` and
 * the control API. (amqp.node does so in spec/testing/faults.)
 */
import { clientPath, describeClient, pythonOf } from '../clients/clients.ts'
import { startProgram } from '../support/program.ts'
import { paths } from './examples.ts'

jest.setTimeout(120_000)

describeClient('pika', 'faults', () => {
  it('are what pika says of them', async () => {
    const args = [paths.main, 'exec', '--', pythonOf('pika'), '-u', clientPath('pika', 'faults.py')]
    const { code, stdout, stderr } = await startProgram({ command: process.execPath, args, limitMs: 100_000 }).ended
    expect(stdout.trimEnd().split('\n')).toEqual([
      'reset: StreamLostError',
      'closed: StreamLostError',
      'after 2 publishes: StreamLostError',
      'silent: nothing comes, open: True',
      'refused: AMQPConnectionError',
      'delay: late: True',
      'lose: comes',
      'nack: NackError',
      'unroutable: UnroutableError',
      'no confirm: StreamLostError',
      'channel: 404 NOT_FOUND - it is gone',
      'blocked: low on disk, unblocked',
      'slow store: confirmed, late: True',
      'store fails: NackError',
      'killed: StreamLostError, then 1 message',
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })
})
