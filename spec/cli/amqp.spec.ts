// What goes wrong with AMQP, told in one line each; and a connection that ends.

import { amqpFailure, connectAmqp } from '../../src/cli/amqp.ts'
import { CommandError } from '../../src/cli/command-error.ts'
import { resetWorld, world } from '../support/fake-amqplib.ts'

jest.mock('amqplib', () => jest.requireActual('../support/fake-amqplib.ts'))
beforeEach(resetWorld)

const url = 'amqp://guest:secret@broker:5672/%2F'

describe('failures', () => {
  it.each([
    [
      'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused using PLAIN"',
      77,
      /wrong name or password/,
    ],
    [
      'Channel closed by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - write access refused"',
      77,
      /^write access refused$/,
    ],
    [`Operation failed: 404 (NOT-FOUND) with message "NOT_FOUND - no queue 'q' in vhost '/'"`, 65, /^no queue 'q'/],
    ['Operation failed: 405 (RESOURCE-LOCKED) with message "RESOURCE_LOCKED - exclusive"', 69, /^exclusive$/],
    [
      'Operation failed: 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - inequivalent"',
      65,
      /^inequivalent$/,
    ],
    [
      'Connection closed: 320 (CONNECTION-FORCED) with message "CONNECTION_FORCED - bye"',
      69,
      /ended the connection: bye/,
    ],
    ['Connection closed: 530 (NOT-ALLOWED) with message "NOT_ALLOWED - vhost v not found"', 65, /vhost v not found/],
    ['Connection closed: 541 (INTERNAL-ERROR) with message "INTERNAL_ERROR"', 70, /the broker failed/],
    ['Expected ConnectionOpenOk; got <ConnectionClose channel:0>', 65, /into the vhost/],
    ['connect ETIMEDOUT', 75, /did not answer in time/],
    ['Socket closed abruptly during opening handshake', 69, /broker:5672 failed: Socket closed/],
  ])('%s', (text, code, line) => {
    const failure = amqpFailure(new Error(text), url)
    expect(failure).toBeInstanceOf(CommandError)
    expect(failure.exitCode).toBe(code)
    expect(failure.message).toMatch(line)
    expect(failure.message).not.toContain('secret')
  })

  it.each([
    ['ECONNREFUSED', 69, /nothing listens for AMQP at broker:5672/],
    ['ENOTFOUND', 69, /broker:5672 is not a known host name/],
    ['ETIMEDOUT', 75, /did not answer/],
  ])('of the network: %s', (code, exit, line) => {
    const failure = amqpFailure({ errors: [Object.assign(new Error(code), { code })] }, url)
    expect(failure).toMatchObject({ exitCode: exit, message: expect.stringMatching(line) })
  })

  it('that are told already stay as they are', () => {
    const told = new CommandError('told')
    expect(amqpFailure(told)).toBe(told)
    expect(amqpFailure(new Error('x')).message).toContain('the broker')
  })
})

describe('a connection', () => {
  const connect = (more = {}) => connectAmqp({ url, timeoutMs: 1000, name: 'leveret spec', ...more })

  it('that cannot be made is told', async () => {
    world.failure = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    await expect(connect()).rejects.toMatchObject({ exitCode: 69 })
  })

  it('gives channels, and an outcome or its own end', async () => {
    const amqp = await connect()
    const channel = await amqp.channel()
    await expect(amqp.while(channel.checkQueue('q'))).rejects.toMatchObject({ word: 'not_found' })
    const waiting = amqp.while(new Promise(() => {}))
    channel.emit(
      'error',
      new Error('Channel closed by server: 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - no"'),
    )
    await expect(waiting).rejects.toMatchObject({ message: 'no' })
    await amqp.close()
  })

  it('ends in good order without complaint', async () => {
    const amqp = await connect()
    await (await amqp.confirmChannel()).close()
    await expect(amqp.close()).resolves.toBeUndefined()
  })
})
