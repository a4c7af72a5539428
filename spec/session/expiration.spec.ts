// The expiration property (behaviour.md §8.1, row "expiration"): what it accepts, and each refusal word for word.

import { ChannelError } from '../../src/protocol/reply.ts'
import { checkExpiration } from '../../src/session/expiration.ts'

function refusal(text: string): string {
  try {
    checkExpiration(text)
  } catch (error) {
    if (error instanceof ChannelError) return error.replyText
  }
  return 'accepted'
}

describe('an expiration', () => {
  it.each([
    ['0', 0],
    ['60000', 60_000],
    ['+5', 5],
    ['007', 7],
    ['-0', 0],
    ['315360000000', 315_360_000_000],
  ])('may be %j', (text, ms) => {
    expect(checkExpiration(text)).toBe(ms)
  })

  it.each([
    ['', 'no_integer'],
    ['abc', 'no_integer'],
    [' 5', 'no_integer'],
    ['-', 'no_integer'],
    ['+', 'no_integer'],
    ['+-5', 'no_integer'],
    ['٥', 'no_integer'],
    ['1.5', '{leftover_string,".5"}'],
    ['5 ', '{leftover_string," "}'],
    ['1e3', '{leftover_string,"e3"}'],
    ['0x10', '{leftover_string,"x10"}'],
    ['-1', '{value_negative,-1}'],
    ['-99999999999999999999', '{value_negative,-99999999999999999999}'],
    ['315360000001', '{value_too_large,315360000001}'],
    ['9'.repeat(60), `{value_too_large,${'9'.repeat(60)}}`],
  ])('may not be %j', (text, why) => {
    expect(refusal(text)).toBe(`PRECONDITION_FAILED - invalid expiration '${text}': ${why}`)
  })
})
