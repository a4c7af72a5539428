/**
 * Every fault of a test broker, as amqp.node and pika live through it: in another process, and another language, by `leveret
 * exec` and the control API.
 */
import { join } from 'node:path'
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

describe('faults', () => {
  it('are what amqp.node says of them', async () => {
    const args = [paths.main, 'exec', '--', process.execPath, join(__dirname, 'faults.mjs')]
    const { code, stdout, stderr } = await startProgram({ command: process.execPath, args, limitMs: 100_000 }).ended
    expect(stdout.trimEnd().split('\n')).toEqual([
      'reset: read ECONNRESET',
      'closed: Unexpected close',
      'after 2 publishes: ECONNRESET',
      'silent: nothing',
      'refused: ECONNREFUSED',
      'delay, late: true',
      'lose: comes',
      'nack: message nacked, 0 there',
      'unroutable: returned 312 NO_ROUTE, confirmed, 0 there',
      'no confirm: no confirm, then confirmed, 2 there',
      'channel: 404 "NOT_FOUND - it is gone"',
      'blocked: low on disk, unblocked',
      'slow store, late: true, confirmed, 1 there',
      'store fails: message nacked, 1 there',
      'restarted: 320, then 1 messages',
      'killed: ECONNRESET, then 1 messages',
      'killed without data: ECONNRESET, then 0 messages',
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })
})
