// What waits to be stored, and who waits for that.

import { Unstored } from '../../../src/management/leveret/unstored.ts'

it('waits until no more than so much is left', async () => {
  const unstored = new Unstored()
  await unstored.below(0)
  unstored.expect(10)
  unstored.expect(20)
  await unstored.below(30)
  const heard: string[] = []
  const waiting = unstored.below(15).then(() => heard.push('below 15'))
  unstored.settle(10, 'stored')
  await Promise.resolve()
  expect(heard).toEqual([])
  unstored.settle(20, 'stored')
  await waiting
  expect(heard).toEqual(['below 15'])
})

it.each(['rejected', 'unknown'] as const)('says where what became of it is %s', async (outcome) => {
  const unstored = new Unstored()
  unstored.expect(1)
  unstored.settle(1, outcome)
  await expect(unstored.below(0)).rejects.toThrow('the store takes no messages')
})
