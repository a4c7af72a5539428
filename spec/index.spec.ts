// The public API: a program that embeds the broker finds these names and no others.

import * as leveret from '../src/index.ts'

describe('the public API', () => {
  it('is small', () => {
    expect(Object.keys(leveret).sort()).toEqual(['AdministrationError', 'configWith', 'startLeveret'])
  })
})
