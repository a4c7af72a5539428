// What the control API answers to what goes wrong.

import { HttpError } from '../../../src/management/errors.ts'
import { answering, vhostOf } from '../../../src/testing/control/answering.ts'
import { WaitError } from '../../../src/testing/waiting.ts'

const fail = (error: Error) => answering(() => Promise.reject(error))

describe('an answer of the control API', () => {
  it('is what was asked for', async () => {
    await expect(answering(() => 7)).resolves.toBe(7)
  })

  it.each([
    [new WaitError('in vain'), 408],
    [new RangeError('by is "soon"'), 400],
    [new Error(`clock.advance needs a virtual clock: startBroker({ clock: 'virtual' })`), 400],
  ])('to %s is a %d', async (error, status) => {
    await expect(fail(error)).rejects.toMatchObject({ status, message: error.message })
  })

  it('is not made up for what is our fault', async () => {
    await expect(fail(new TypeError('oops'))).rejects.toThrow(TypeError)
  })

  it('says that a vhost is not there', () => {
    expect(() => vhostOf({ vhostNamed: () => undefined } as never, 'v')).toThrow(HttpError)
  })
})
