// `leveret perf`: what it counts, and which loads make no sense.

import { Given } from '../../../src/cli/command.ts'
import { loadOf } from '../../../src/cli/messages/perf.ts'
import { bodiesIn, fill, resetWorld } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(resetWorld)

describe('a load', () => {
  const load = (values: object) => loadOf(new Given([], values as never))

  it('is a time, or a count', () => {
    expect(load({})).toMatchObject({ producers: 1, consumers: 1, size: 100, timeMs: 10_000, confirm: 200 })
    expect(load({ count: '5' })).toMatchObject({ count: 5, timeMs: Number.POSITIVE_INFINITY })
  })

  it.each([
    [{ size: '7' }, '--size: got 7, expected 8 or more'],
    [{ producers: '-1' }, '--producers: got -1, expected 0 or more'],
    [{ time: '0' }, '--time: got 0'],
    [{ rate: 'x' }, '--rate: got "x"'],
  ])('makes no sense: %j', (values, text) => {
    expect(() => load(values)).toThrow(text)
  })
})

describe('a measurement', () => {
  it('counts what was published, confirmed and consumed', async () => {
    const { code, stdout } = await messages(['perf', '--count', '300', '--producers', '2', '-o', 'json'])
    expect(code).toBe(0)
    const result = JSON.parse(stdout) as { readonly consumed: number }
    // Here nothing is waited for, so that the last ones may not have come.
    expect(result.consumed).toBeGreaterThan(0)
    expect(result).toMatchObject({
      published: 300,
      confirmed: 300,
      refused: 0,
      latency_ms: { p50: expect.any(Number), max: expect.any(Number) },
    })
  })

  it('can leave the messages in a queue that is there', async () => {
    fill('q')
    const { stdout } = await messages([
      'perf',
      '--count',
      '10',
      '--consumers',
      '0',
      '--queue',
      'q',
      '--confirm',
      '0',
      '-o',
      'json',
    ])
    expect(JSON.parse(stdout)).toMatchObject({ published: 10, confirmed: null, consumed: 0, latency_ms: null })
    while (bodiesIn('q').length < 10) await new Promise((resolve) => setImmediate(resolve))
    expect(await messages(['perf', '--queue', 'nosuch'])).toMatchObject({ code: 65 })
  })
})
