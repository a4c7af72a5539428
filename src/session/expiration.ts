// The `expiration` property: a decimal number of milliseconds, as text. Reads it as RabbitMQ does, whose refusals name
// what Erlang's number parser left over (behaviour.md §8.1).

import { type ChannelError, preconditionFailed } from '../protocol/reply.ts'

/** The longest time to live, milliseconds: ten years of 365 days. */
const MAX_MS = 315_360_000_000n

/** Milliseconds. Throws `ChannelError` 406 for anything but a number from 0 to ten years. */
export function checkExpiration(text: string): number {
  const digits = /^[+-]?\d+/.exec(text)?.[0]
  if (digits === undefined) throw invalid(text, 'no_integer')
  if (digits.length < text.length) throw invalid(text, `{leftover_string,"${text.slice(digits.length)}"}`)
  const ms = BigInt(digits.replace('+', ''))
  if (ms < 0n) throw invalid(text, `{value_negative,${ms}}`)
  if (ms > MAX_MS) throw invalid(text, `{value_too_large,${ms}}`)
  return Number(ms)
}

function invalid(text: string, why: string): ChannelError {
  return preconditionFailed(`invalid expiration '${text}': ${why}`)
}
