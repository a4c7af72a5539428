// What a log line looks like to a machine and to a person, and that secrets stay out of it.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type LogOutput, openLog } from '../../src/cli/log.ts'
import { configWith } from '../../src/config/config.ts'

class Output extends PassThrough {
  readonly isTTY: boolean

  constructor(isTTY: boolean) {
    super({ encoding: 'utf8' })
    this.isTTY = isTTY
  }

  get text(): string {
    return String(this.read() ?? '')
  }
}

function output(isTTY: boolean): Output & LogOutput {
  return new Output(isTTY)
}

const ESCAPE = '\u001b'

describe('the log', () => {
  it('is one JSON object a line for a machine, with the time, the level in words and no host name', async () => {
    const out = output(false)
    const log = await openLog({ logLevel: 'info', logFormat: 'auto' }, out, {})
    log.info({ urls: ['amqp://a'] }, 'Ready')
    const line = out.text
    expect(line).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      urls: ['amqp://a'],
      msg: 'Ready',
    })
  })

  it('is a readable line in colour for a person at a terminal', async () => {
    const out = output(true)
    const log = await openLog({ logLevel: 'info', logFormat: 'auto' }, out, {})
    log.info({ urls: ['amqp://a'] }, 'Ready')
    const line = out.text
    expect(line).toContain('Ready')
    expect(line).toContain('amqp://a')
    expect(line).toContain(ESCAPE)
    expect(line.trim()).not.toContain('\n')
  })

  it('is without colour when the person asks for none, and where no terminal is', async () => {
    for (const [out, env] of [
      [output(true), { NO_COLOR: '1' }],
      [output(false), {}],
    ] as const) {
      const log = await openLog({ logLevel: 'info', logFormat: 'pretty' }, out, env)
      log.info('Ready')
      const line = out.text
      expect(line).toMatch(/INFO.*Ready/)
      expect(line).not.toContain(ESCAPE)
    }
  })

  it('is JSON on a terminal as well when that is what was asked for', async () => {
    const out = output(true)
    const log = await openLog({ logLevel: 'info', logFormat: 'json' }, out, {})
    log.info('Ready')
    expect(JSON.parse(out.text)).toMatchObject({ msg: 'Ready' })
  })

  it('leaves out what is below its level', async () => {
    const out = output(false)
    const log = await openLog({ logLevel: 'warn', logFormat: 'json' }, out, {})
    log.info('quiet')
    log.warn('loud')
    expect(JSON.parse(out.text)).toMatchObject({ msg: 'loud' })
  })

  it.each(['json', 'pretty'] as const)('hides a password that somebody logs after all (%s)', async (logFormat) => {
    const out = output(false)
    const log = await openLog({ logLevel: 'info', logFormat }, out, {})
    const config = configWith({ defaultPass: 's3cret' }, {})
    log.info(config, 'bare')
    log.info({ config }, 'nested')
    const text = out.text
    expect(text).toContain('(hidden)')
    expect(text).not.toContain('s3cret')
  })

  it('writes straight to a descriptor, whole lines in their order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leveret-log-'))
    const fd = openSync(join(folder, 'log'), 'w')
    const log = await openLog({ logLevel: 'info', logFormat: 'json' }, Object.assign(output(false), { fd }), {})
    log.info('é'.repeat(100_000))
    log.info('second')
    closeSync(fd)
    const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')
    rmSync(folder, { recursive: true })
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['é'.repeat(100_000), 'second'])
  })

  it.each(['json', 'pretty'] as const)(
    'loses a line, and nothing worse, when the disk is full (%s)',
    async (logFormat) => {
      const fd = openSync('/dev/full', 'w')
      const log = await openLog({ logLevel: 'info', logFormat }, Object.assign(output(false), { fd }), {})
      expect(() => log.info('lost')).not.toThrow()
      closeSync(fd)
    },
  )

  it('goes silent, and nothing worse, when its terminal goes away', async () => {
    const out = output(true)
    const log = await openLog({ logLevel: 'info', logFormat: 'auto' }, out, {})
    out.emit('error', new Error('EIO'))
    log.info('nobody reads this')
    expect(out.text).toBe('')
  })
})
