// Waiting for what a broker does.

import { runInNewContext } from 'node:vm'
import { Journal } from '../../src/testing/journal.ts'
import { WaitError, waitFor } from '../../src/testing/waiting.ts'

const clock = { now: () => 0 }

function happen(journal: Journal): void {
  journal.purged({ vhost: 'v', name: 'q' } as never, 1)
}

function counter(journal: Journal, wanted: number) {
  const looks = { count: 0 }
  const look = (): number | undefined => {
    looks.count++
    return journal.number >= wanted ? journal.number : undefined
  }
  return { looks, awaited: { what: 'events', look, instead: () => [`${journal.number} events`] } }
}

describe('waiting', () => {
  it('ends at once with what is there', async () => {
    const journal = new Journal(clock, 10)
    await expect(waitFor(journal, counter(journal, 0).awaited)).resolves.toBe(0)
  })

  it('looks when something has happened, once for all of a turn, and at no other time', async () => {
    const journal = new Journal(clock, 10)
    const { awaited, looks } = counter(journal, 3)
    const waited = waitFor(journal, awaited)
    happen(journal)
    happen(journal)
    await new Promise((resolve) => setImmediate(resolve))
    expect(looks.count).toBe(2)
    happen(journal)
    await expect(waited).resolves.toBe(3)
  })

  it('ends in time, and says what was there instead', async () => {
    const journal = new Journal(clock, 10)
    happen(journal)
    const { awaited } = counter(journal, 3)
    await expect(waitFor(journal, awaited, { timeout: '5ms' })).rejects.toEqual(
      new WaitError('waited 5 ms for events, in vain. There is instead:\n  1 events'),
    )
  })

  it('says where the test waited', async () => {
    const journal = new Journal(clock, 10)
    const here = () => waitFor(journal, counter(journal, 3).awaited, { timeout: 1 })
    const error = await here().catch((reason: Error) => reason)
    expect((error as Error).stack).toMatch(
      /^WaitError: waited 1 ms for events, in vain.*\n {2}0 events\n +at here .*waiting\.spec/s,
    )
  })

  it('looks by itself where the broker does not know when it comes true', async () => {
    const journal = new Journal(clock, 10)
    let looks = 0
    const look = () => ++looks > 2 || undefined
    await waitFor(journal, { what: 'it', look, instead: () => [], elsewhere: true })
    expect(looks).toBe(3)
  })

  it('is listed as long as it takes', async () => {
    const journal = new Journal(clock, 10)
    const { awaited } = counter(journal, 1)
    const waited = waitFor(journal, awaited)
    expect([...journal.awaited]).toEqual([awaited])
    happen(journal)
    await waited
    expect(journal.awaited.size).toBe(0)
  })

  it('ends with the reason of a signal', async () => {
    const journal = new Journal(clock, 10)
    const abort = new AbortController()
    const waited = waitFor(journal, counter(journal, 1).awaited, { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(waited).rejects.toThrow('enough')
    await expect(waitFor(journal, counter(journal, 1).awaited, { signal: abort.signal })).rejects.toThrow('enough')
  })

  it('looks again at what happened while a look took its time', async () => {
    const journal = new Journal(clock, 10)
    const looks: (() => void)[] = []
    const look = async (): Promise<true | undefined> => {
      const { number } = journal
      await new Promise<void>((resolve) => void looks.push(resolve))
      return number > 0 || undefined
    }
    const waited = waitFor(journal, { what: 'it', look, instead: () => [] })
    happen(journal)
    looks[0]?.()
    // One turn for the look to end in, one for the next to begin.
    for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve))
    looks[1]?.()
    await expect(waited).resolves.toBe(true)
    expect(looks).toHaveLength(2)
  })

  it('waits for promises of other realms', async () => {
    const found = ['undefined', 'true'].map((value) => runInNewContext(`Promise.resolve(${value})`))
    const look = () => found.shift() as Promise<true | undefined>
    await expect(
      waitFor(new Journal(clock, 10), { what: 'it', look, instead: () => [], elsewhere: true }),
    ).resolves.toBe(true)
    expect(found).toEqual([])
  })

  it('looks at what is no event as well', async () => {
    const journal = new Journal(clock, 10)
    let declared = false
    const waited = waitFor(journal, { what: 'it', look: () => declared || undefined, instead: () => [] })
    declared = true
    journal.stir()
    await expect(waited).resolves.toBe(true)
  })

  it('ends with what the look throws', async () => {
    const journal = new Journal(clock, 10)
    const look = (): never => {
      throw new Error('wrong predicate')
    }
    await expect(waitFor(journal, { what: 'it', look, instead: () => [] })).rejects.toThrow('wrong predicate')
    await expect(waitFor(journal, counter(journal, 1).awaited, { timeout: 'soon' })).rejects.toThrow(
      'timeout is "soon"',
    )
  })
})
