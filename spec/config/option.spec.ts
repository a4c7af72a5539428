// The spellings of an option's one name.

import { flagOf, keyOf, type Option, option, variablesOf } from '../../src/config/option.ts'
import { yesOrNo } from '../../src/config/values.ts'

const sure: Option<boolean> = option({ name: 'be-very-sure', kind: yesOrNo, initial: false, help: 'be sure' })

describe('an option', () => {
  it('is spelled with hyphens as a flag, with underscores as a key, in capitals as a variable', () => {
    expect([flagOf(sure), keyOf(sure)]).toEqual(['--be-very-sure', 'be_very_sure'])
    expect(variablesOf(sure)).toEqual(['LEVERET_BE_VERY_SURE'])
  })

  it("goes by Leveret's variable before those of others", () => {
    expect(variablesOf({ ...sure, variables: ['RABBITMQ_SURE'] })).toEqual(['LEVERET_BE_VERY_SURE', 'RABBITMQ_SURE'])
  })
})
