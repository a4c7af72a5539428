// The end of a turn: everybody who asked is called once, together, and a new turn begins while they are.

import { Turn } from '../../src/session/turn.ts'
import { ManualClock } from '../support/manual-clock.ts'

function turnOf(): { readonly turn: Turn; readonly clock: ManualClock; readonly heard: string[] } {
  const clock = new ManualClock()
  return { turn: new Turn(clock), clock, heard: [] }
}

describe('the end of a turn', () => {
  it('comes for everybody who asked, in their order, by one task of the clock', () => {
    const { turn, clock, heard } = turnOf()
    for (const name of ['a', 'b', 'c']) turn.add({ turnEnds: () => heard.push(name) })
    expect([clock.tasks, heard]).toEqual([1, []])
    clock.endTurn()
    expect(heard).toEqual(['a', 'b', 'c'])
  })

  it('comes once for one request', () => {
    const { turn, clock, heard } = turnOf()
    turn.add({ turnEnds: () => heard.push('a') })
    clock.endTurn()
    clock.endTurn()
    expect([clock.tasks, heard]).toEqual([0, ['a']])
  })

  it('comes a turn later for those who ask while a turn ends', () => {
    const { turn, clock, heard } = turnOf()
    const again = { turnEnds: () => heard.push('again') }
    turn.add({
      turnEnds: () => {
        heard.push('first')
        turn.add(again)
      },
    })
    clock.endTurn()
    expect(heard).toEqual(['first'])
    clock.endTurn()
    expect(heard).toEqual(['first', 'again'])
  })
})
