// The clock that other specs rely on, itself.

import { ManualClock } from './manual-clock.ts'

describe('the manual clock', () => {
  it('runs what comes due, in order of time, each at its own time', () => {
    const clock = new ManualClock(1000)
    const ran: [string, number][] = []
    const note = (name: string) => () => ran.push([name, clock.now()])
    clock.after(30, note('late'))
    clock.after(10, note('early'))
    clock.after(10, note('early, asked for later'))
    clock.after(31, note('not yet'))
    clock.advance(30)
    expect(ran).toEqual([
      ['early', 1010],
      ['early, asked for later', 1010],
      ['late', 1030],
    ])
    expect(clock.now()).toBe(1030)
    expect(clock.timers).toBe(1)
  })

  it('runs a task that a task asked for, if it comes due as well', () => {
    const clock = new ManualClock(0)
    const at: number[] = []
    const again = () => {
      at.push(clock.now())
      clock.after(10, again)
    }
    clock.after(10, again)
    clock.advance(35)
    expect(at).toEqual([10, 20, 30])
  })

  it('forgets a cancelled task', () => {
    const clock = new ManualClock()
    const task = jest.fn()
    clock.after(5, task).cancel()
    clock.advance(10)
    expect(task).not.toHaveBeenCalled()
    expect(clock.timers).toBe(0)
  })

  it('runs what came due while it stood still at the end of that', () => {
    const clock = new ManualClock(0)
    const at: number[] = []
    clock.after(10, () => at.push(clock.now()))
    clock.after(50, () => at.push(clock.now()))
    clock.standStill(40)
    expect(at).toEqual([40])
    clock.advance(20)
    expect(at).toEqual([40, 50])
  })

  it('runs tasks at the end of the turn, and what they put off at the end of the next', () => {
    const clock = new ManualClock()
    const ran: string[] = []
    clock.soon(() => {
      ran.push('first')
      clock.soon(() => ran.push('second'))
    })
    clock.advance(1000)
    expect(ran).toEqual([])
    clock.endTurn()
    expect(ran).toEqual(['first'])
    expect(clock.tasks).toBe(1)
    clock.endTurn()
    expect(ran).toEqual(['first', 'second'])
  })

  it('lets promises settle with the turn', async () => {
    const clock = new ManualClock()
    const steps: number[] = []
    clock.soon(() => {
      let chain = Promise.resolve()
      for (let i = 0; i < 50; i++) chain = chain.then(() => void steps.push(i))
    })
    await clock.pass()
    expect(steps).toHaveLength(50)
  })
})
