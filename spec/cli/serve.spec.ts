// The life of `leveret serve` in a process that is only pretended: settings, start, signals, faults, stop.

import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { StoreError } from '../../src/broker/store.ts'
import { type Running, type ServeFlags, type Start, serve, type World } from '../../src/cli/serve.ts'
import type { Config } from '../../src/config/config.ts'

interface Line {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** A pretended process: its events, what it printed, and the code with which it was asked to end first. */
class Pretended {
  readonly events = new EventEmitter()
  readonly stdout = new PassThrough({ encoding: 'utf8' })
  readonly lines: Line[] = []
  readonly ended: Promise<number>
  stderr = ''
  config: Config | undefined
  nowMs = 41.7
  /** What systemd was told. */
  readonly told: (readonly string[])[] = []
  readonly #world: World
  readonly #watchers = new Set<() => void>()

  constructor(start: Start, env: World['env'] = {}) {
    let exit: (code: number) => void = () => undefined
    this.ended = new Promise((resolve) => {
      exit = resolve
    })
    this.stdout.on('data', (text: string) => {
      this.lines.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line),
      )
      for (const look of this.#watchers) look()
    })
    this.#world = {
      env,
      cwd: '/',
      stdout: this.stdout,
      stderr: { write: (text) => (this.stderr += text) },
      events: this.events,
      exit,
      elapsedMs: () => this.nowMs,
      spawn: (_, args) => {
        this.told.push(args)
        const program = new EventEmitter()
        setImmediate(() => program.emit('close', 0))
        return program
      },
      start: (config, log) => {
        this.config = config
        return start(config, log)
      },
    }
  }

  serve(flags: ServeFlags['flags'] = {}, more: Omit<ServeFlags, 'flags'> = {}): Promise<void> {
    return serve({ flags, ...more }, this.#world)
  }

  /** Resolves with the first line of that message. */
  logged(msg: string): Promise<Line> {
    return new Promise((resolve) => {
      const look = (): void => {
        const line = this.lines.find((candidate) => candidate.msg === msg)
        if (line) resolve(line)
      }
      this.#watchers.add(look)
      look()
    })
  }
}

function running(stop: Running['stop'] = () => Promise.resolve()): Running {
  return { urls: ['amqp://127.0.0.1:5672'], stop, reload: () => ({ now: [], later: [] }) }
}

describe('serve', () => {
  it('tells systemd that it is ready, and that it stops', async () => {
    const world = new Pretended(async () => running(), { NOTIFY_SOCKET: '/run/systemd/notify' })
    void world.serve({ ephemeral: true })
    await world.logged('Server startup complete')
    world.events.emit('SIGTERM', 'SIGTERM')
    expect(await world.ended).toBe(0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(world.told).toEqual([['READY=1', 'STATUS=amqp://127.0.0.1:5672'], ['STOPPING=1']])
  })

  it('starts a broker with the settings and says once that it has', async () => {
    const world = new Pretended(async () => running(), { LEVERET_DATA_DIR: '/data' })
    void world.serve({ port: '7' })
    expect(await world.logged('Server startup complete')).toMatchObject({
      level: 'info',
      urls: ['amqp://127.0.0.1:5672'],
      startupMs: 42,
    })
    expect(world.config).toMatchObject({ port: 7, dataDir: '/data' })
    expect(world.lines).toHaveLength(1)
  })

  it('stops again when it cannot say where it was asked to that it is ready', async () => {
    const stopped: string[] = []
    const world = new Pretended(async () => running(async (reason) => void stopped.push(reason ?? '')))
    await world.serve({}, { readyFd: 'x' })
    expect(await world.ended).toBe(74)
    expect(world.stderr).toBe('leveret: --ready-fd: got "x", expected the number of a descriptor\n')
    expect(stopped).toEqual(['SIGTERM'])
  })

  it.each(['SIGTERM', 'SIGINT'])('on %s stops the broker, tells it why, and ends with 0', async (signal) => {
    const reasons: (string | undefined)[] = []
    const world = new Pretended(async () => running(async (reason) => void reasons.push(reason)))
    void world.serve()
    await world.logged('Server startup complete')
    world.events.emit(signal, signal)
    expect(await world.ended).toBe(0)
    expect(reasons).toEqual([signal])
    await world.logged('Stopped')
  })

  it('on SIGHUP reads the settings again, once there is a broker to take them', async () => {
    const taken: Config[] = []
    let start = (_: Running): void => {}
    const world = new Pretended(() => new Promise((resolve) => (start = resolve)))
    void world.serve({ port: '7' })
    await new Promise((resolve) => setImmediate(resolve))
    world.events.emit('SIGHUP')
    start({ ...running(), reload: (next) => ({ now: [], later: [], taken: taken.push(next) }) })
    await world.logged('Server startup complete')
    expect(taken).toEqual([])
    world.events.emit('SIGHUP')
    await world.logged('Configuration reloaded')
    expect(taken).toMatchObject([{ port: 7 }])
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])('ends at once on a second signal, here %s', async (signal, code) => {
    const world = new Pretended(async () => running(() => new Promise(() => undefined)))
    void world.serve()
    await world.logged('Server startup complete')
    world.events.emit(signal, signal)
    await world.logged('Stopping')
    world.nowMs += 300
    world.events.emit(signal, signal)
    expect(await world.ended).toBe(code)
  })

  it('takes a signal that npm passes on once more for the same wish, and drains', async () => {
    let stopped: () => void = () => undefined
    const world = new Pretended(async () => running(() => new Promise((resolve) => (stopped = resolve))))
    void world.serve()
    await world.logged('Server startup complete')
    world.events.emit('SIGINT', 'SIGINT')
    await world.logged('Stopping')
    world.nowMs += 20
    world.events.emit('SIGINT', 'SIGINT')
    stopped()
    expect(await world.ended).toBe(0)
  })

  it('finishes its start before it stops when the signal comes early', async () => {
    let started: (broker: Running) => void = () => undefined
    const world = new Pretended(
      () =>
        new Promise((resolve) => {
          started = resolve
          world.events.emit('SIGTERM', 'SIGTERM')
        }),
    )
    void world.serve()
    await world.logged('Stopping once started; a second signal stops at once')
    started(running())
    expect(await world.ended).toBe(0)
    await world.logged('Stopped')
    expect(world.lines.map((line) => line.msg)).toEqual([
      'Stopping once started; a second signal stops at once',
      'Server startup complete',
      'Stopping',
      'Stopped',
    ])
  })

  it('says so and ends with 70 when stopping fails', async () => {
    const world = new Pretended(async () => running(() => Promise.reject(new Error('disk gone'))))
    void world.serve()
    await world.logged('Server startup complete')
    world.events.emit('SIGTERM', 'SIGTERM')
    expect(await world.ended).toBe(70)
    expect(await world.logged('Stopping failed')).toMatchObject({ err: { message: 'disk gone' } })
  })

  it('tells a failed start on stderr and logs nothing', async () => {
    const locked = new StoreError('locked', 'the data directory /data is in use.')
    const world = new Pretended(() => Promise.reject(locked), { LEVERET_DATA_DIR: '/data' })
    await world.serve()
    expect(await world.ended).toBe(69)
    expect(world.stderr).toBe('leveret: the data directory /data is in use. (--data-dir chooses another folder)\n')
    expect(world.lines).toEqual([])
  })

  it.each(['uncaughtException', 'unhandledRejection'])('gives up on an %s while it is starting', async (event) => {
    const world = new Pretended(() => {
      world.events.emit(event, new Error('our bug'))
      return new Promise(() => undefined)
    })
    void world.serve()
    expect(await world.ended).toBe(70)
    expect(world.stderr).toBe('leveret: the broker did not start: our bug (--log-level debug shows where)\n')
  })

  it.each(['uncaughtException', 'unhandledRejection'])(
    'survives an %s once it runs, and logs its stack',
    async (event) => {
      const world = new Pretended(async () => running())
      void world.serve()
      await world.logged('Server startup complete')
      world.events.emit(event, new Error('our bug'))
      const line = await world.logged(
        event === 'uncaughtException'
          ? 'Uncaught exception: the broker goes on'
          : 'Unhandled rejection: the broker goes on',
      )
      expect(line).toMatchObject({ level: 'error', err: { message: 'our bug', stack: expect.stringContaining('at ') } })
      world.events.emit('SIGTERM', 'SIGTERM')
      expect(await world.ended).toBe(0)
    },
  )

  it('does not start a broker with a bad setting', async () => {
    const world = new Pretended(() => Promise.reject(new Error('must not be called')))
    await world.serve({ channelMax: '0' })
    expect(await world.ended).toBe(64)
    expect(world.stderr).toBe('leveret: --channel-max: got "0", expected a whole number from 1 to 65535\n')
    expect(world.config).toBeUndefined()
  })

  it('logs its settings when debugging, the password hidden, and warns of a misspelled variable', async () => {
    const world = new Pretended(async () => running(), { LEVERET_DEFAULT_PASS: 's3cret', LEVERET_PROT: '1' })
    void world.serve({ logLevel: 'debug' })
    expect(await world.logged('Settings')).toMatchObject({ config: { port: 5672, defaultPass: '(hidden)' } })
    expect(await world.logged('LEVERET_PROT is not a setting; did you mean LEVERET_PORT?')).toMatchObject({
      level: 'warn',
    })
    await world.logged('Server startup complete')
    expect(JSON.stringify(world.lines)).not.toContain('s3cret')
  })
})
