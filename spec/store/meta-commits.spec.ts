// Group commit of declared things: order, company, failure.

import { type Lease, StoreError } from '../../src/broker/store.ts'
import { MetaCommits } from '../../src/store/meta-commits.ts'
import { Tenure } from '../../src/store/tenure.ts'
import { del, kindOf, put, putEphemeral, transaction } from './contract/trial.ts'

/** A disk that notes what is written and answers when it is told to. */
class Disk {
  readonly written: string[] = []
  readonly revs: number[] = []
  #answer: (error?: StoreError) => void = () => {}
  #arrive: () => void = () => {}

  write(writes: readonly { key: string; value: string | null }[], rev: number): Promise<void> {
    this.written.push(writes.map(({ key, value }) => `${key}=${value}`).join(' '))
    this.revs.push(rev)
    this.#arrive()
    return new Promise((resolve, reject) => {
      this.#answer = (error) => (error ? reject(error) : resolve())
    })
  }

  /** Resolves when the next write has arrived. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrive = resolve
    })
  }

  answer(error?: StoreError): void {
    this.#answer(error)
  }
}

describe('MetaCommits', () => {
  let disk: Disk
  let tenure: Tenure
  let lease: Lease
  let meta: MetaCommits
  let told: string[]

  beforeEach(() => {
    disk = new Disk()
    tenure = new Tenure()
    lease = tenure.begin(1)
    meta = new MetaCommits(tenure, disk)
    meta.reset({ entries: [], rev: 0 })
    told = []
    meta.watch((changes) => told.push(changes.map(({ key, value }) => `${key}=${value}`).join(' ')))
  })

  const commit = (...writes: ReturnType<typeof put>[]) => meta.commit(lease, transaction(writes))

  it('writes all commits of one turn as one group and tells of each', async () => {
    const arrived = disk.arrival()
    const commits = [commit(put('a', '1')), commit(put('b', '1'), put('c', '1')), commit(del('a'))]
    await arrived
    expect(disk.written).toEqual(['a=1 b=1 c=1 a=null'])
    expect(disk.revs).toEqual([3])
    expect(told).toEqual([])
    disk.answer()
    expect(await Promise.all(commits)).toEqual([true, true, true])
    expect(told).toEqual(['a=1', 'b=1 c=1', 'a=null'])
  })

  it('keeps one write in flight and gathers what arrives meanwhile', async () => {
    let arrived = disk.arrival()
    const first = commit(put('a', '1'))
    await arrived
    const others = ['1', '2', '3'].map((value) => commit(put(`k${value}`, value)))
    expect(disk.written).toEqual(['a=1'])
    arrived = disk.arrival()
    disk.answer()
    await first
    expect(told).toEqual(['a=1'])
    await arrived
    expect(disk.written).toEqual(['a=1', 'k1=1 k2=2 k3=3'])
    disk.answer()
    await Promise.all(others)
    expect(told).toEqual(['a=1', 'k1=1', 'k2=2', 'k3=3'])
  })

  it('answers a lost expectation only after the winner was told', async () => {
    const arrived = disk.arrival()
    const winner = commit(put('a', '1'))
    const answers: boolean[] = []
    const loser = meta.commit(lease, transaction([put('a', '2')], [['a', 0]])).then((kept) => answers.push(kept))
    await arrived
    expect(answers).toEqual([])
    disk.answer()
    await Promise.all([winner, loser])
    expect(answers).toEqual([false])
    expect(disk.written).toEqual(['a=1'])
  })

  it('takes a failed group back, with all that was accepted after it and all that lost against it', async () => {
    const arrived = disk.arrival()
    const failing = commit(put('a', '1'))
    await arrived
    const onTop = meta.commit(lease, transaction([put('b', '1')], [['a', 1]]))
    const ephemeralOnTop = commit(putEphemeral('a', '2'))
    const loser = meta.commit(lease, transaction([put('c', '1')], [['b', 0]]))
    const kinds = [failing, onTop, ephemeralOnTop, loser].map(kindOf)
    disk.answer(new StoreError('unknown', 'lost in the wires'))
    expect(await Promise.all(kinds)).toEqual(['unknown', 'failed', 'failed', 'failed'])
    expect(told).toEqual([])
    expect(disk.written).toEqual(['a=1'])

    const next = disk.arrival()
    const expectNothing = [
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ] as const
    const again = meta.commit(lease, transaction([put('a', '3')], expectNothing))
    await next
    disk.answer()
    expect(await again).toBe(true)
    expect(told).toEqual(['a=3'])
    expect(disk.revs[1]).toBeGreaterThan(3)
  })

  it('lets an ephemeral transaction wait behind a pending one that it rests on', async () => {
    const arrived = disk.arrival()
    const durable = commit(put('x', '1'))
    const reader = meta.commit(lease, transaction([putEphemeral('y', '1')], [['x', 1]]))
    const unrelated = commit(putEphemeral('z', '1'))
    await unrelated
    expect(told).toEqual(['z=1'])
    await arrived
    disk.answer()
    await Promise.all([durable, reader])
    expect(told).toEqual(['z=1', 'x=1', 'y=1'])
    expect(disk.written).toEqual(['x=1'])
  })

  it('writes nothing for a group without durable writes', async () => {
    await commit(putEphemeral('a', '1'))
    await commit(del('a'))
    expect(disk.written).toEqual([])
    expect(told).toEqual(['a=1', 'a=null'])
  })

  it('makes the end of the tenure wait for every group', async () => {
    let arrived = disk.arrival()
    const first = commit(put('a', '1'))
    await arrived
    const second = commit(put('b', '1'))
    let ended = false
    const end = tenure.end().then(() => {
      ended = true
    })
    arrived = disk.arrival()
    disk.answer()
    await first
    await arrived
    expect(ended).toBe(false)
    disk.answer()
    await Promise.all([second, end])
    expect(told).toEqual(['a=1', 'b=1'])
  })
})
