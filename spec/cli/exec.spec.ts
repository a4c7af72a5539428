// `leveret exec` with a broker that is only pretended, and programs that are real.

import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type ExecOptions, type ExecWorld, exec } from '../../src/cli/exec.ts'

const node = process.execPath

function pretend() {
  const seen = { stderr: '', stopped: 0, options: [] as ExecOptions[], files: [] as (readonly [string, string])[] }
  const signals = new EventEmitter()
  const world: ExecWorld = {
    env: { PATH: process.env['PATH'], KEPT: 'yes' },
    stderr: { write: (text) => (seen.stderr += text) },
    signals,
    start: async (options) => {
      seen.options.push(options)
      return {
        env: () => ({ AMQP_URL: 'amqp://here' }),
        tail: (count) => ['first', 'second', 'third'].slice(-count),
        trace: () => '{}\n',
        lints: () => ['no prefetch limit'],
        stop: async () => void seen.stopped++,
      }
    },
    writeFile: async (path, text) => void seen.files.push([path, text]),
  }
  return { world, seen, signals }
}

const script = (text: string) => ['--', node, '-e', text]

describe('leveret exec', () => {
  it('gives the program its broker, and passes its exit code on', async () => {
    const { world, seen } = pretend()
    const check = `process.exit(process.env.AMQP_URL === 'amqp://here' && process.env.KEPT === 'yes' ? 0 : 1)`
    await expect(exec(script(check), world)).resolves.toBe(0)
    expect(seen).toEqual({
      stderr: '',
      stopped: 1,
      options: [{ host: '127.0.0.1', port: 0, clock: 'real', compat: 'leveret' }],
      files: [],
    })
  })

  it('prints what happened last when the program fails', async () => {
    const { world, seen } = pretend()
    await expect(exec(['--trace', '2', ...script('process.exit(3)')], world)).resolves.toBe(3)
    expect(seen.stderr).toBe('leveret exec: what the broker saw last:\n  second\n  third\n')
    expect(seen.stopped).toBe(1)
  })

  it('prints nothing where that is not wanted, and says that nothing happened', async () => {
    const { world, seen } = pretend()
    await exec(['--trace=0', ...script('process.exit(1)')], world)
    expect(seen.stderr).toBe('')
    const idle = {
      ...world,
      start: async (options: ExecOptions) => ({ ...(await world.start(options)), tail: () => [] }),
    }
    await exec(script('process.exit(1)'), idle)
    expect(seen.stderr).toContain('nothing to tell: it was not used, or the vhosts of the tests have gone\n')
  })

  it('saves the trace', async () => {
    const { world, seen } = pretend()
    await exec(['--save-trace', 'trace.ndjson', ...script('0')], world)
    expect(seen.files).toEqual([['trace.ndjson', '{}\n']])
  })

  it('says so where the trace cannot be saved, and does not hide the exit code of the command', async () => {
    const { world, seen } = pretend()
    const full = { ...world, writeFile: () => Promise.reject(new Error('no space left')) }
    await expect(exec(['--save-trace', 'x', ...script('0')], full)).resolves.toBe(74)
    expect(seen.stderr).toBe('leveret exec: the trace cannot be saved: no space left\n')
    await expect(exec(['--save-trace', 'x', ...script('process.exit(3)')], full)).resolves.toBe(3)
    expect(seen.stopped).toBe(2)
  })

  it('fails for bad practice where it is to be strict', async () => {
    const { world, seen } = pretend()
    await expect(exec(script('0'), world)).resolves.toBe(0)
    await expect(exec(['--strict', ...script('0')], world)).resolves.toBe(1)
    expect(seen.stderr).toBe('leveret exec: the broker saw bad practice:\n  no prefetch limit\n')
    await expect(exec(['--strict', '--trace=0', ...script('process.exit(5)')], world)).resolves.toBe(5)
  })

  it('says why there is no broker', async () => {
    const { world, seen } = pretend()
    const taken = { ...world, start: () => Promise.reject(new Error('address already in use 127.0.0.1:5672')) }
    await expect(exec(['--port', '5672', ...script('0')], taken)).resolves.toBe(69)
    expect(seen.stderr).toBe('leveret exec: the broker did not start: address already in use 127.0.0.1:5672\n')
  })

  it('passes signals on, and what they did to the program', async () => {
    const { world, seen, signals } = pretend()
    // It knocks when it is ready to be told, and lives for as long as nobody hangs up.
    const door = createServer().listen(0, '127.0.0.1')
    await once(door, 'listening')
    const { port } = door.address() as AddressInfo
    const handler = 'process.on("SIGTERM", () => process.exit(7))'
    const running = exec(script(`${handler}; require('net').connect(${port}, '127.0.0.1')`), world)
    await once(door, 'connection')
    signals.emit('SIGTERM', 'SIGTERM')
    expect(await running).toBe(7)
    door.close()
    expect(seen.stopped).toBe(1)
    expect(signals.listenerCount('SIGTERM')).toBe(0)
    await expect(exec(script('process.kill(process.pid, "SIGKILL")'), world)).resolves.toBe(137)
  })

  it('ends as a shell does where the command is not there', async () => {
    const { world, seen } = pretend()
    await expect(exec(['no-such-command-here'], world)).resolves.toBe(127)
    expect(seen.stderr).toMatch(/^leveret exec: no-such-command-here: no such command\n/)
    expect(seen.stopped).toBe(1)
  })

  it.each([
    [[], 'there is no command to run'],
    [['--port', 'x', '--', 'true'], `--port is 'x', expected a whole number up to 65535`],
    [['--clock', 'slow', '--', 'true'], `--clock is 'slow', expected real or virtual`],
    [['--what', '--', 'true'], 'leveret exec: there is no option --what\n'],
    [['--clck', 'virtual', '--', 'true'], 'leveret exec: there is no option --clck (did you mean --clock?)\n'],
    [['--clock', '--', 'true'], `--clock`],
  ])('refuses %j', async (argv, complaint) => {
    const { world, seen } = pretend()
    await expect(exec(argv, world)).resolves.toBe(64)
    expect(seen.stderr).toContain(complaint)
    expect(seen.options).toEqual([])
  })

  it('leaves what follows -- to the command', async () => {
    const { world, seen } = pretend()
    await expect(
      exec(['--host=::', '--port', '7777', '--clock=virtual', '--', 'sh', '-c', 'exit 4'], world),
    ).resolves.toBe(4)
    expect(seen.options).toEqual([{ host: '::', port: 7777, clock: 'virtual', compat: 'leveret' }])
  })

  it('helps', async () => {
    const { world, seen } = pretend()
    await expect(exec(['--help'], world)).resolves.toBe(0)
    expect(seen.stderr).toMatch(/^Usage: leveret exec \[options\] -- <command>/)
  })
})
