// What systemd is told, and what happens where it cannot be.

import { EventEmitter } from 'node:events'
import { notifier, type Spawn } from '../../src/cli/notify.ts'

const env = { NOTIFY_SOCKET: '/run/systemd/notify' }

let spawned: { readonly args: readonly string[]; readonly program: EventEmitter }[]
let warnings: string[]
const spawn: Spawn = (command, args) => {
  expect(command).toBe('systemd-notify')
  const program = new EventEmitter()
  spawned.push({ args, program })
  return program
}
const troubles = { warn: (fields: object, message: string) => warnings.push(`${message}: ${JSON.stringify(fields)}`) }

beforeEach(() => {
  spawned = []
  warnings = []
})

it('nobody is told who has not asked', async () => {
  await notifier({}, troubles, spawn)('READY=1')
  expect(spawned).toEqual([])
})

it('one word is said after the other', async () => {
  const notify = notifier(env, troubles, spawn)
  const ready = notify('READY=1', 'STATUS=here')
  const stopping = notify('STOPPING=1')
  await Promise.resolve()
  expect(spawned.map(({ args }) => args)).toEqual([['READY=1', 'STATUS=here']])
  spawned[0]?.program.emit('close', 0)
  await ready
  await Promise.resolve()
  expect(spawned.at(-1)?.args).toEqual(['STOPPING=1'])
  spawned[1]?.program.emit('close', 0)
  await stopping
  expect(warnings).toEqual([])
})

it.each([
  ['error', new Error('spawn systemd-notify ENOENT'), 'spawn systemd-notify ENOENT'],
  ['close', 1, 'systemd-notify has ended with 1'],
])('%s is told in the log, and stops nothing', async (event, what, why) => {
  const said = notifier(env, troubles, spawn)('READY=1')
  await Promise.resolve()
  spawned[0]?.program.emit(event, what)
  await said
  expect(warnings).toEqual([`systemd could not be told READY=1: ${JSON.stringify({ why })}`])
})

it('a program that is not there has failed once, though Node says so twice', async () => {
  const said = notifier(env, troubles, spawn)('READY=1')
  await Promise.resolve()
  spawned[0]?.program.emit('error', new Error('ENOENT'))
  spawned[0]?.program.emit('close', -2)
  await said
  expect(warnings).toHaveLength(1)
})

it('is a program that is not there, where there is none', async () => {
  await notifier({ NOTIFY_SOCKET: '/nonexistent/notify' }, troubles)('READY=1')
  // Whether it is installed or not: nobody listens at that socket.
  expect(warnings).toHaveLength(1)
})
