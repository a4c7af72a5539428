// The plug-in for Jest, in Jest.

import type { Isolation } from '../../src/testing/isolation.ts'
import { useBroker } from '../../src/testing/jest.ts'

const printed: string[] = []
const leveret = useBroker({ env: true, print: (text) => void printed.push(text) })

let open: Isolation | null = null
afterEach(() => {
  // What a test has opened is closed here: its vhost must be there still.
  if (open) expect(leveret.vhost).toBe(open)
  open = null
})
afterAll(() => expect(leveret.broker.port).toBeGreaterThan(0))

describe('with leveret/jest, a test', () => {
  const seen = new Set<string>()

  it.each([1, 2])('has a vhost of its own, %d', async (number) => {
    const { vhost } = leveret
    expect(process.env['AMQP_URL']).toBe(vhost.url)
    expect(seen.has(vhost.name)).toBe(false)
    seen.add(vhost.name)
    expect(vhost).not.toHavePublished()
    await vhost.publish('', 'q', { number })
    expect(vhost).toHavePublished({ body: { number } })
    expect(vhost).toHaveNoUnacked()
    expect(() => expect(vhost.queue('q')).toBeEmpty()).toThrow("there is no queue 'q'")
    expect(vhost.events()[0]?.test).toBe(`with leveret/jest, a test has a vhost of its own, ${number}`)
  })

  it('has its vhost until the hooks of the file have run', () => {
    open = leveret.vhost
  })

  it('says what to do where Jest injects nothing', () => {
    expect(() => useBroker({}, {})).toThrow("import * as globals from '@jest/globals'")
  })

  it('waits for less than Jest gives it, so that the wait says what was there instead', () => {
    expect(leveret.broker.journal.usualWaitMs).toBe(1500)
  }, 2000)

  it('says nothing where nothing has failed', () => {
    expect(printed).toEqual([])
  })
})
