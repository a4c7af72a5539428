// The executable as a process of its own, in front of a broker that is only a timer.

import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type BuiltCli, buildCli } from './built-cli.ts'

const broker = `
export async function startLeveret(config, log) {
  if (config.defaultVhost === 'refuse') {
    throw Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', syscall: 'listen', port: config.port })
  }
  const alive = setInterval(() => {}, 1000)
  if (config.defaultVhost === 'faulty') {
    setImmediate(() => { Promise.reject(new Error('lost promise')) })
    setImmediate(() => { throw new Error('lost throw') })
    setImmediate(() => setImmediate(() => log.info('still here')))
  }
  return {
    urls: ['amqp://127.0.0.1:' + config.port],
    stop: () => config.defaultVhost === 'stubborn'
      ? new Promise(() => {})
      : new Promise((resolve) => { clearInterval(alive); log.info('drained'); resolve() }),
  }
}
`

let cli: BuiltCli
beforeAll(() => {
  cli = buildCli(broker)
})
afterAll(() => cli.remove())

function lines(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the executable', () => {
  it('prints its version without any package, so that asking costs little more than starting Node', async () => {
    const bare = buildCli(broker)
    rmSync(join(bare.folder, 'node_modules'))
    const { code, stdout, stderr } = await bare.start(['--version']).ended
    bare.remove()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const manifest = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }
    expect(stdout).toBe(`${manifest.version}\n`)
  })

  it('loads no package but commander to ask a broker something', async () => {
    const bare = buildCli(broker)
    rmSync(join(bare.folder, 'node_modules'))
    mkdirSync(join(bare.folder, 'node_modules'))
    symlinkSync(join(__dirname, '../../node_modules/commander'), join(bare.folder, 'node_modules', 'commander'))
    const { code, stderr } = await bare.start(['queues', 'list', '--url', 'http://127.0.0.1:1']).ended
    bare.remove()
    expect({ code, stderr }).toEqual({ code: 69, stderr: expect.stringMatching(/^leveret: nothing listens/) })
  })

  it('says on one line that the server has started, with the URLs and the time it took', async () => {
    const leveret = cli.start(['serve', '--port', '5999'])
    await leveret.said('Server startup complete')
    leveret.child.kill('SIGTERM')
    const { code, stdout, stderr } = await leveret.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [ready] = lines(stdout)
    expect(ready).toMatchObject({ level: 'info', msg: 'Server startup complete', urls: ['amqp://127.0.0.1:5999'] })
    expect(ready?.['startupMs']).toBeGreaterThan(0)
    expect(lines(stdout).map((line) => line['msg'])).toEqual([
      'Server startup complete',
      'Stopping',
      'drained',
      'Stopped',
    ])
  })

  it('drains on SIGINT as on SIGTERM', async () => {
    const leveret = cli.start(['serve'])
    await leveret.said('Server startup complete')
    leveret.child.kill('SIGINT')
    expect(await leveret.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('drained') })
  })

  it.each([
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGTERM', 143],
  ] as const)('ends at once on a second signal: after %s, %s is exit code %i', async (first, second, expected) => {
    const leveret = cli.start(['serve', '--default-vhost', 'stubborn'])
    await leveret.said('Server startup complete')
    leveret.child.kill(first)
    await leveret.said('"Stopping"')
    leveret.child.kill(second)
    expect(await leveret.ended).toMatchObject({ code: expected })
  })

  it('tells a port in use in one line, without a stack', async () => {
    const { code, stdout, stderr } = await cli.start(['serve', '--default-vhost', 'refuse']).ended
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' })
    expect(stderr).toMatch(/^leveret: port 5672 is in use.*--port.*\n$/)
  })

  it('adds the stack when the log level is debug', async () => {
    const { stderr } = await cli.start(['serve', '--default-vhost', 'refuse', '--log-level', 'debug']).ended
    expect(stderr).toMatch(/^leveret: port 5672 is in use.*\nError: listen EADDRINUSE\n {4}at startLeveret/)
  })

  it('logs what nobody caught, with its stack, and lives on', async () => {
    const leveret = cli.start(['serve', '--default-vhost', 'faulty'])
    await leveret.said('still here')
    leveret.child.kill('SIGTERM')
    const { code, stdout } = await leveret.ended
    expect(code).toBe(0)
    const errors = lines(stdout).filter((line) => line['level'] === 'error')
    const faults = errors.map((line) => line['err'] as { message: string; stack: string })
    expect(faults.map((fault) => fault.message).sort()).toEqual(['lost promise', 'lost throw'])
    for (const fault of faults) expect(fault.stack).toContain('leveret.js')
  })

  it('lives on when nobody reads its log any more', async () => {
    const leveret = cli.start(['serve', '--default-vhost', 'faulty'])
    await leveret.said('Server startup complete')
    leveret.child.stdout?.destroy()
    leveret.child.kill('SIGTERM')
    expect(await leveret.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('ends with 64 for a bad flag and 78 for a bad variable', async () => {
    const [flag, variable] = await Promise.all([
      cli.start(['serve', '--port', 'abc']).ended,
      cli.start(['serve'], { LEVERET_PORT: 'abc' }).ended,
    ])
    expect(flag).toEqual({
      code: 64,
      stdout: '',
      stderr: 'leveret: --port: got "abc", expected a port from 0 to 65535 (0 takes any free port), or off\n',
    })
    expect(variable).toMatchObject({ code: 78, stderr: expect.stringMatching(/^leveret: LEVERET_PORT: got "abc"/) })
  })
})
