// The time between opening and closing a store: the lease, what is in flight, the halt.

import { StoreError } from '../../src/broker/store.ts'
import { Tenure } from '../../src/store/tenure.ts'

function kindThrown(call: () => void): string {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError)
    return (error as StoreError).kind
  }
  return 'nothing'
}

describe('Tenure', () => {
  it('refuses everything before it begins', () => {
    const tenure = new Tenure()
    expect(tenure.open).toBe(false)
    expect(kindThrown(() => tenure.checkOpen())).toBe('failed')
    expect(kindThrown(() => tenure.checkWrite({ epoch: 0 }))).toBe('failed')
  })

  it('takes writes under the newest lease only', () => {
    const tenure = new Tenure()
    const old = tenure.begin(4)
    expect(old).toEqual({ epoch: 4 })
    expect(kindThrown(() => tenure.checkWrite(old))).toBe('nothing')
    const lease = tenure.begin(5)
    expect(kindThrown(() => tenure.checkWrite(old))).toBe('fenced')
    expect(kindThrown(() => tenure.checkWrite({ epoch: 6 }))).toBe('fenced')
    expect(kindThrown(() => tenure.checkWrite(lease))).toBe('nothing')
  })

  it('refuses writes after a halt, for the first reason, but not reads', () => {
    const tenure = new Tenure()
    const lease = tenure.begin(1)
    tenure.halt(new StoreError('unknown', 'the disk is full'))
    tenure.halt(new StoreError('unknown', 'something later'))
    expect(kindThrown(() => tenure.checkOpen())).toBe('nothing')
    expect(kindThrown(() => tenure.checkWrite(lease))).toBe('failed')
    expect(() => tenure.checkWrite(lease)).toThrow('the disk is full')
    expect(kindThrown(() => tenure.checkWrite(tenure.begin(2)))).toBe('nothing')
  })

  it('ends when all that it tracks has settled, also what was added meanwhile', async () => {
    const tenure = new Tenure()
    tenure.begin(1)
    const settled: string[] = []
    let failFirst: (error: Error) => void = () => {}
    let resolveSecond: () => void = () => {}
    const second = new Promise<void>((resolve) => {
      resolveSecond = resolve
    })
    const first = new Promise<void>((_, reject) => {
      failFirst = reject
    })
    first.catch(() => tenure.track(second).then(() => settled.push('second')))
    const tracked = tenure.track(first)
    expect(tracked).toBe(first)
    const end = tenure.end().then(() => settled.push('end'))
    expect(tenure.open).toBe(false)
    failFirst(new Error('lost'))
    await expect(first).rejects.toThrow('lost')
    resolveSecond()
    await end
    expect(settled).toEqual(['second', 'end'])
  })
})
