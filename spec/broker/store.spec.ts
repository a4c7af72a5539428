// The ports of the store: the one error that crosses them.

import { StoreError } from '../../src/broker/store.ts'

describe('a store error', () => {
  it('says which kind it is, what happened and why', () => {
    const cause = new Error('no room')
    const error = new StoreError('failed', 'the batch was not written', { cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'StoreError', kind: 'failed', message: 'the batch was not written', cause })
  })
})
