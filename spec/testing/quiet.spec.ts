// When nothing happens any more.

import { quiet } from '../../src/testing/quiet.ts'

describe('quiet', () => {
  it('comes when the count stands still for some turns', async () => {
    let count = 0
    const work = (): void => {
      if (++count < 20) setImmediate(work)
    }
    work()
    await quiet(() => count)
    expect(count).toBe(20)
  })

  it('is not waited for without end', async () => {
    let count = 0
    await quiet(() => ++count)
    expect(count).toBeGreaterThan(1000)
  })
})
