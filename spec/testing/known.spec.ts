// Names that tests may have mistyped.

import { checkNames } from '../../src/testing/known.ts'

const known = { after: true, mode: true } as const

describe('names', () => {
  it('pass where they are known', () => {
    expect(() => checkNames('a fault', {}, known)).not.toThrow()
    expect(() => checkNames('a fault', { mode: 'fin' }, known)).not.toThrow()
  })

  it('are refused where nobody reads them, with what was meant', () => {
    expect(() => checkNames('a fault', { aftr: 1 } as never, known)).toThrow(
      new RangeError("a fault has 'aftr', which is nothing that it can have: did you mean 'after'?"),
    )
    expect(() => checkNames('a fault', { toString: 1 } as never, known)).toThrow('expected after, mode')
  })

  it('are those of an object', () => {
    expect(() => checkNames('a fault', 'after' as never, known)).toThrow('a fault is "after", expected an object')
    expect(() => checkNames('a fault', null as never, known)).toThrow('a fault is null')
  })
})
