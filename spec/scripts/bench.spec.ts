// The benchmark as its user runs it: a process of its own against a broker in this one, and against a broker whose
// messages are tampered with on the way, which it has to notice.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { configWith } from '../../src/config/config.ts'
import { type Leveret, startLeveret } from '../../src/leveret.ts'

const program = join(__dirname, '..', '..', 'scripts', 'bench', 'main.js')
const BRIEF = ['--runs', '1', '--seconds', '0.2', '--warmup', '0.1']
const DELIVER = Buffer.from([0, 60, 0, 60])

interface Figures {
  readonly problems: readonly string[]
  readonly checked?: string
  readonly publishPerSecond?: number
  readonly consumePerSecond?: number
  readonly operationsPerSecond?: number
  readonly published?: number
  readonly consumed?: number
}

interface Result {
  readonly workload: string
  readonly target: string
  readonly run: number
  readonly steps: readonly Figures[]
}

let folder: string
let broker: Leveret
let port: number

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-bench-spec-'))
  broker = await startLeveret(
    configWith({ ephemeral: true, host: '127.0.0.1', port: 0, httpPort: 'off', metricsPort: 'off' }),
    pino({ level: 'silent' }),
  )
  port = Number(new URL(broker.urls[0]!).port)
})

afterAll(async () => {
  await broker.stop()
  rmSync(folder, { recursive: true })
})

async function bench(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args])
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => (said.stdout += text))
  child.stderr.on('data', (text) => (said.stderr += text))
  const [code] = (await once(child, 'close')) as [number]
  return { code, ...said }
}

async function measure(address: number, ...args: readonly string[]) {
  const out = join(folder, `${Math.random()}.jsonl`)
  const ended = await bench('--target', `it=127.0.0.1:${address}`, ...BRIEF, '--out', out, ...args)
  const results = readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Result)
  return { ...ended, results }
}

/** What to do with the frames of the delivery of that number, counted from 1 on each connection. */
type Tamper = (frames: Buffer, number: number) => Buffer

/** Stands between a client and the broker, and tampers with deliveries. Ends with `using`. */
async function middleman(tamper: Tamper) {
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.pipe(upstream)
    const deliveries = new Deliveries(tamper)
    upstream.on('data', (chunk) => client.write(deliveries.pass(chunk)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() }
}

/** Passes frames on; those of a delivery (method, header and one body frame) all at once, tampered with. */
class Deliveries {
  #bytes: Buffer = Buffer.alloc(0)
  #delivery: Buffer[] = []
  #number = 0
  readonly #tamper: Tamper

  constructor(tamper: Tamper) {
    this.#tamper = tamper
  }

  pass(chunk: Buffer): Buffer {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const passed: Buffer[] = []
    while (this.#bytes.length >= 7) {
      const end = 8 + this.#bytes.readUInt32BE(3)
      if (this.#bytes.length < end) break
      passed.push(this.#frame(this.#bytes.subarray(0, end)))
      this.#bytes = this.#bytes.subarray(end)
    }
    return Buffer.concat(passed)
  }

  #frame(frame: Buffer): Buffer {
    const delivers = frame[0] === 1 && frame.subarray(7, 11).equals(DELIVER)
    if (!delivers && this.#delivery.length === 0) return frame
    this.#delivery.push(frame)
    if (this.#delivery.length < 3) return Buffer.alloc(0)
    const frames = Buffer.concat(this.#delivery)
    this.#delivery = []
    return this.#tamper(frames, ++this.#number)
  }
}

describe('a workload', () => {
  it('has every message that was published consumed', async () => {
    const { code, results, stderr } = await measure(port, '--only', 'w4,w6,w7,w8')
    expect(stderr.trimEnd().split('\n')).toEqual(['w4', 'w6', 'w7', 'w8'].map((name) => `${name}, it, run 1 of 1`))
    expect(code).toBe(0)
    for (const { workload, steps } of results) {
      const [figures] = steps
      expect(figures).toMatchObject({ checked: 'all', problems: [] })
      expect(figures!.published).toBeGreaterThan(0)
      expect(figures!.consumed).toBe(figures!.published! * (workload === 'w6' ? 10 : 1))
    }
  }, 30_000)

  it('fills a queue with a count of messages and drains exactly those', async () => {
    const { code, results } = await measure(port, '--only', 'w11', '--count', '3000')
    expect(code).toBe(0)
    const [fill, drain] = results[0]!.steps
    expect(fill).toMatchObject({ published: 3000, problems: [] })
    expect(drain).toMatchObject({ consumed: 3000, checked: 'all', problems: [] })
    expect(fill!.publishPerSecond).toBeGreaterThan(0)
    expect(drain!.consumePerSecond).toBeGreaterThan(0)
  }, 30_000)

  it('is about connections and queues as well', async () => {
    const { code, results } = await measure(port, '--only', 'w12,w13,w14', '--connections', '5', '--seconds', '1')
    expect(code).toBe(0)
    const steps = results.flatMap((result) => result.steps)
    expect(steps).toHaveLength(4)
    for (const step of steps) expect(step.operationsPerSecond).toBeGreaterThan(0)
  }, 30_000)

  it('is paced when it should be', async () => {
    const { code, results } = await measure(port, '--only', 'w10')
    expect(code).toBe(0)
    // 0.3 s at 5000 a second, and what was under way; unpaced it would be many times as much.
    expect(results[0]!.steps[0]!.published).toBeLessThan(5000)
  }, 30_000)
})

describe('the check of what is consumed', () => {
  const third = (change: (frames: Buffer) => Buffer): Tamper => {
    return (frames, number) => (number === 3 ? change(frames) : frames)
  }
  const altered = (change: (body: Buffer) => void) =>
    third((frames) => {
      change(frames.subarray(-17, -1))
      return frames
    })

  it.each<[string, Tamper, string]>([
    ['is lost', third(() => Buffer.alloc(0)), 'message 4 instead of 3, too early: one before it is missing'],
    ['comes twice', third((frames) => Buffer.concat([frames, frames])), 'message 3 instead of 4, twice or too late'],
    ['is another', altered((body) => body.writeUInt32BE(9, 12)), 'message 9 instead of 3'],
    ['is of another queue', altered((body) => body.writeUInt16BE(7, 10)), 'got a message meant for queue 7'],
  ])(
    'notices when a message %s',
    async (_, tamper, problem) => {
      using between = await middleman(tamper)
      const { code, results, stdout } = await measure(between.port, '--only', 'w1')
      expect(code).toBe(1)
      expect(results[0]!.steps[0]!.problems).toContainEqual(expect.stringContaining(problem))
      expect(stdout).toContain('| **w1** | **failed**: it, run 1 | consumer 0: queue 0')
    },
    15_000,
  )

  it('notices frames that are not frames', async () => {
    using between = await middleman(third((frames) => frames.fill(0, frames.length - 1)))
    const { code, results } = await measure(between.port, '--only', 'w1')
    expect(code).toBe(1)
    expect(results[0]!.steps[0]!.problems).toContainEqual(expect.stringContaining('does not end in 0xCE'))
  }, 30_000)
})

describe('the benchmark', () => {
  it('lets targets take turns, and changes who goes first', async () => {
    const second = ['--target', `other=127.0.0.1:${port}`]
    const { results, stdout } = await measure(port, ...second, '--only', 'w14', '--runs', '2')
    expect(results.map(({ target, run }) => [target, run])).toEqual([
      ['it', 0],
      ['other', 0],
      ['other', 1],
      ['it', 1],
    ])
    expect(stdout).toContain('| other / it |')
  }, 30_000)

  it('prints medians, least and greatest, and ratios of what was measured earlier', async () => {
    const results = [
      ['a', 1000],
      ['a', 5000],
      ['a', 2000],
      ['b', 3000],
      ['b', 5000],
    ].map(([target, consumePerSecond], run) => {
      return { workload: 'w2', target, run, steps: [{ server: `${target} 1.0`, consumePerSecond, problems: [] }] }
    })
    const path = join(folder, 'earlier.jsonl')
    writeFileSync(path, results.map((result) => `${JSON.stringify(result)}\n`).join(''))
    const { code, stdout } = await bench('--report', path)
    expect(code).toBe(0)
    expect(stdout).toContain('- **a**: a 1.0\n- **b**: b 1.0\n')
    expect(stdout).toContain('consume, msg/s | 2,000 (1,000–5,000) | 4,000 (3,000–5,000) | 2.00× |')
  })

  it('tells when a broker cannot be reached', async () => {
    const { code, results } = await measure(1, '--only', 'w1')
    expect(code).toBe(1)
    expect(results[0]!.steps[0]!.problems).toEqual([expect.stringContaining('ECONNREFUSED')])
  })

  it('passes on why a broker refuses a login', async () => {
    const { code, results } = await measure(port, '--only', 'w1', '--password', 'wrong')
    expect(code).toBe(1)
    expect(results[0]!.steps[0]!.problems).toEqual([expect.stringContaining('403 ACCESS_REFUSED')])
  })

  it.each([
    [['--target', 'a=b'], 'a target is NAME=HOST:PORT'],
    [['--only', 'w99'], "there is no workload 'w99'"],
    [['--seconds', 'long'], '--seconds is a number'],
    [['--bogus'], "Unknown option '--bogus'"],
  ])('refuses %p', async (args, text) => {
    const { code, stderr, stdout } = await bench(...args)
    expect([code, stdout]).toEqual([64, ''])
    expect(stderr).toContain(text)
  })
})
