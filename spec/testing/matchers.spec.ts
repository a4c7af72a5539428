// Matchers for Jest and Vitest.

import { matchers } from '../../src/testing/matchers.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('the matchers', () => {
  it('look for what was published', async () => {
    const { vhost } = site.broker
    const missing = matchers.toHavePublished(vhost, { key: 'k' })
    expect(missing.pass).toBe(false)
    expect(missing.message()).toBe('expected a message with key "k" to be published. There is instead:\n  nothing')
    await vhost.publish('', 'other', { id: 1 })
    expect(matchers.toHavePublished(vhost, { key: 'k' }).message()).toContain(`'other' {"id":1}`)
    const found = matchers.toHavePublished(vhost)
    expect(found.pass).toBe(true)
    expect(found.message()).toBe(
      `expected any message not to be published. There is instead:\n  the test published '' 'other' {"id":1}, dropped`,
    )
  })

  it('look at queues', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    expect(matchers.toBeEmpty(vhost.queue('q')).pass).toBe(true)
    await vhost.publish('', 'q', 'x')
    const full = matchers.toBeEmpty(vhost.queue('q'))
    expect(full.pass).toBe(false)
    expect(full.message()).toContain(`queue 'q' to be empty. There is instead:\n  1 ready, 0 unacked`)
    expect(matchers.toHaveNoUnacked(vhost).pass).toBe(true)
    await channel.get('q')
    const held = matchers.toHaveNoUnacked(vhost.queue('q'))
    expect(held.pass).toBe(false)
    expect(held.message()).toContain(`q: '' 'q' "x" is held by basic.get`)
    expect(matchers.toHaveNoUnacked(vhost).pass).toBe(false)
  })

  it('take a queue that is not declared for neither empty nor full', () => {
    expect(() => matchers.toBeEmpty(site.broker.vhost.queue('typo'))).toThrow("there is no queue 'typo' in vhost '/'")
  })

  it('are for what they are for', () => {
    expect(() => matchers.toHavePublished('x')).toThrow('toHavePublished is for a vhost of a test broker, not for x')
    expect(() => matchers.toBeEmpty(site.broker.vhost)).toThrow('toBeEmpty is for a queue of a test broker')
    expect(() => matchers.toHaveNoUnacked(null)).toThrow('toHaveNoUnacked is for a vhost or queue')
  })
})
