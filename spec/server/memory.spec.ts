// What counts as memory: everything but mapped files, where that can be known.

import { memoryUsed } from '../../src/server/memory.ts'

describe('the memory that is used', () => {
  it('is what is no file', async () => {
    const status = 'Name:\tnode\nVmRSS:\t  900 kB\nRssAnon:\t   500 kB\nRssFile:\t   390 kB\nRssShmem:\t    10 kB\n'
    expect(await memoryUsed(async () => status)).toBe(510 * 1024)
  })

  it.each([
    ['that is not told', async () => 'Name:\tnode\n'],
    ['there is no such file', () => Promise.reject(new Error('ENOENT'))],
  ])('is everything resident where %s', async (_, read) => {
    const before = process.memoryUsage.rss()
    const used = await memoryUsed(read)
    expect(used).toBeGreaterThan(before / 2)
    expect(used).toBeLessThan(before * 2)
  })

  it('can be known of this process', async () => {
    expect(await memoryUsed()).toBeGreaterThan(10 * 1024 * 1024)
  })
})
