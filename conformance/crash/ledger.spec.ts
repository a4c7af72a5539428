/** The account that crash rounds keep notices each kind of broken promise. */
import { Ledger, type Tally } from './ledger.ts'

const tally = (): Tally => ({ found: 0, foundUnconfirmed: 0, foundSettled: 0, foundRedelivered: 0 })
const fresh = (...ids: readonly number[]) => ids.map((id) => ({ id, redelivered: false }))

/** Messages 1 to 4, confirmed but for the last one. */
function account(): Ledger {
  const ledger = new Ledger('q')
  for (const id of [1, 2, 3, 4]) ledger.published(id)
  for (const id of [1, 2, 3]) ledger.confirmed(id)
  return ledger
}

describe('the account of a queue', () => {
  it('takes what was confirmed in order, with or without what was not', () => {
    const both = [fresh(1, 2, 3), fresh(1, 2, 3, 4)].map((found) => {
      const counts = tally()
      account().close(found, counts)
      return counts.foundUnconfirmed
    })
    expect(both).toEqual([0, 1])
  })

  it.each([
    ['lost', fresh(1, 3), '1 messages were confirmed, not settled, and are lost: 2'],
    ['out of order', fresh(2, 1, 3), 'message 1 comes after 2'],
    ['twice', fresh(1, 2, 2, 3), 'message 2 is there twice'],
    ['unheard of', fresh(1, 2, 3, 9), 'message 9 was never published here'],
  ])('notices messages that are %s', (_, found, text) => {
    expect(() => account().close(found, tally())).toThrow(text)
  })

  it('wants the mark on what was delivered before', () => {
    const ledger = account()
    ledger.delivered({ id: 1, redelivered: false })
    ledger.killed()
    expect(() => ledger.close(fresh(1, 2, 3), tally())).toThrow('without the redelivered mark')
  })

  it('lets an ack be lost, unless it was stored', () => {
    const outcomes = [false, true].map((stored) => {
      const ledger = account()
      ledger.delivered({ id: 1, redelivered: false })
      ledger.settled(1)
      if (stored) ledger.committed(ledger.takeSettled())
      ledger.killed()
      return () => ledger.close([{ id: 1, redelivered: true }, ...fresh(2, 3)], tally())
    })
    expect(outcomes[0]).not.toThrow()
    expect(outcomes[1]).toThrow('message 1 was settled, that was stored, and it came back')
  })

  it('wants no message back that was taken out before', () => {
    const ledger = account()
    ledger.close(fresh(1, 2, 3), tally())
    expect(() => ledger.close([{ id: 2, redelivered: true }], tally())).toThrow('came back')
  })

  it('wants nothing of a transaction that was rolled back', () => {
    const ledger = account()
    ledger.rolledBack(4)
    expect(() => ledger.close(fresh(1, 2, 3, 4), tally())).toThrow('message 4 was rolled back')
  })
})
