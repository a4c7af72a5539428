// The plug-in for Jest, in Jest.

import { useBroker } from '../../src/testing/jest.ts'

const printed: string[] = []
const leveret = useBroker({ env: true, print: (text) => void printed.push(text) })

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

  it('says what to do where Jest injects nothing', () => {
    expect(() => useBroker({}, {})).toThrow("import * as globals from '@jest/globals'")
  })

  it('says nothing where nothing has failed', () => {
    expect(printed).toEqual([])
  })
})
