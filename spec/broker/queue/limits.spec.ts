// Length limits (behaviour.md §9.2): what is too much, and who has to go.

import type { Backlog } from '../../../src/broker/queue/backlog.ts'
import { isFull, isOver, isPressing, type Limits, limitsOf } from '../../../src/broker/queue/limits.ts'
import { settingsOf } from '../../../src/broker/queue/settings.ts'
import { type Fields, tableOf } from '../exchange/table.ts'

const limits = (fields: Fields) => limitsOf(settingsOf(tableOf(fields))) as Limits
const holding = (ready: number, readyBytes: number) => ({ ready, readyBytes }) as Backlog

describe('limits', () => {
  it('are none unless one is set', () => {
    expect(limitsOf(settingsOf(new Map()))).toBe(null)
    expect(limitsOf(settingsOf(tableOf({ 'x-overflow': 'reject-publish' })))).toBe(null)
  })

  it.each([
    ['classic', 'drop-head', false, false],
    ['classic', 'reject-publish', true, false],
    ['classic', 'reject-publish-dlx', true, true],
    ['quorum', 'reject-publish', true, false],
    ['quorum', 'reject-publish-dlx', false, false],
  ])('of a %s queue with %s: refuses is %j, dead-letters %j', (type, overflow, refuses, deadLetters) => {
    const fields = { 'x-queue-type': type, 'x-overflow': overflow, 'x-max-length': 1 }
    expect(limits(fields)).toMatchObject({ refuses, deadLetters })
  })

  it('that drop are exceeded by what is there', () => {
    const both = limits({ 'x-max-length': 2, 'x-max-length-bytes': 10 })
    expect(isOver(both, holding(2, 10))).toBe(false)
    expect(isOver(both, holding(3, 3))).toBe(true)
    expect(isOver(both, holding(1, 11))).toBe(true)
    expect(isFull(both, holding(9, 99), 1)).toBe(false)
  })

  it('that refuse are exceeded by what comes', () => {
    const both = limits({ 'x-max-length': 2, 'x-max-length-bytes': 10, 'x-overflow': 'reject-publish' })
    expect(isFull(both, holding(1, 4), 6)).toBe(false)
    expect(isFull(both, holding(2, 0), 0)).toBe(true)
    expect(isFull(both, holding(0, 0), 11)).toBe(true)
    expect(isOver(both, holding(9, 99))).toBe(false)
  })
})

it('a queue presses with many messages, or many octets of them', () => {
  const log = (ready: number, readyBytes: number) => isPressing({ ready, readyBytes } as Backlog)
  expect([log(0, 0), log(2000, 5), log(2001, 5), log(1, 2 ** 20), log(1, 2 ** 20 + 1)]).toEqual([
    false,
    false,
    true,
    false,
    true,
  ])
})
