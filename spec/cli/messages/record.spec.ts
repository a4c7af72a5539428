// Messages in files: recorded, replayed, exported, imported.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { placeIn, speedOf } from '../../../src/cli/messages/record.ts'
import { bodiesIn, fill, publishFromOutside, resetWorld, world } from '../../support/fake-amqplib.ts'
import { lines, messages } from '../../support/messages.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
let cwd: string
beforeEach(async () => {
  resetWorld()
  cwd = await createTemporaryDirectory()
})
afterEach(() => removeTemporaryDirectory(cwd))

describe('record and replay', () => {
  it('come round', async () => {
    const ended = messages(['record', 'e:k', '--count', '2', '-f', 'r.ndjson'], { cwd })
    while (world.consumers.size === 0) await new Promise((resolve) => setImmediate(resolve))
    publishFromOutside('e', 'k', 'one', { messageId: 'm', headers: { a: 1 } })
    publishFromOutside('e', 'k', 'two')
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('2 recorded') })
    const filed = lines(readFileSync(join(cwd, 'r.ndjson'), 'utf8')).map((line) => JSON.parse(line))
    expect(filed).toMatchObject([{ exchange: 'e', routing_key: 'k', at_ms: 0, payload: 'one' }, { payload: 'two' }])

    fill('q')
    world.bindings.push({ source: 'e', key: 'k', queue: 'q' })
    expect(await messages(['replay', 'r.ndjson', '--speed', 'max'], { cwd })).toMatchObject({ code: 0 })
    expect(bodiesIn('q')).toEqual(['one', 'two'])
    expect(world.queues.get('q')?.[0]?.properties).toEqual({ messageId: 'm', headers: { a: 1 } })
  })

  it('keep the pace, so many times as fast', async () => {
    fill('q')
    writeFileSync(join(cwd, 'r.ndjson'), '{"payload":"a","at_ms":0}\n{"payload":"b","at_ms":1000}\n')
    const { terminal } = await messages(['replay', 'r.ndjson', '--to', 'q', '--speed', '4x'], { cwd })
    expect(terminal.pauses).toEqual([250])
    expect(bodiesIn('q')).toEqual(['a', 'b'])
    expect([speedOf(undefined), speedOf('max')]).toEqual([1, Number.POSITIVE_INFINITY])
    expect(() => speedOf('fast')).toThrow('--speed: got "fast"')
  })
})

describe('export-messages and import-messages', () => {
  it('come round, and leave the queue as it was', async () => {
    fill('q', 'a', ['b', { headers: { x: 1 } }])
    expect(await messages(['export-messages', 'q', '-f', 'q.ndjson'], { cwd })).toMatchObject({
      code: 0,
      stderr: '2 of 2 messages of queue "q" written\n',
    })
    expect(bodiesIn('q')).toEqual(['a', 'b'])
    world.queues.set('q', [])
    expect(await messages(['import-messages', 'q.ndjson'], { cwd })).toMatchObject({ code: 0 })
    expect(bodiesIn('q')).toEqual(['a', 'b'])
    expect(world.queues.get('q')?.[1]?.properties).toMatchObject({ headers: { x: 1 } })
  })

  it('can remove what was written, to standard output too', async () => {
    fill('q', 'a', 'b')
    const { stdout } = await messages(['export-messages', 'q', '--remove', '--max', '1'])
    expect(JSON.parse(stdout)).toMatchObject({ payload: 'a', queue: 'q' })
    expect(bodiesIn('q')).toEqual(['b'])
  })

  it('name the line that cannot be read', async () => {
    writeFileSync(join(cwd, 'bad.ndjson'), '{"payload":"a"}\n{}\n')
    expect(await messages(['import-messages', 'bad.ndjson', '--to', 'q'], { cwd })).toMatchObject({
      code: 65,
      stderr: 'leveret: bad.ndjson, line 2: it has no "payload"\n',
    })
    expect(await messages(['export-messages', 'q'])).toMatchObject({ code: 65 })
    fill('q')
    expect(await messages(['export-messages', 'q', '-f', 'no/such/folder'], { cwd })).toMatchObject({ code: 74 })
  })

  it('know where a message belongs', () => {
    const message = {
      exchange: 'e',
      routing_key: 'k',
      properties: {},
      payload: '',
      payload_encoding: 'string',
    } as const
    expect(placeIn(message)).toEqual({ exchange: 'e', key: 'k' })
    expect(placeIn({ ...message, queue: 'q' })).toEqual({ exchange: '', key: 'q' })
  })
})
