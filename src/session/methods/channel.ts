// Class channel, and access.request of old clients (behaviour.md §4).

import type { MethodOf } from '../../protocol/methods.ts'
import { ConnectionError } from '../../protocol/reply.ts'
import type { Channel } from '../channel.ts'

/** channel.close: what was published before it has been carried out; the number is free at once. */
export function channelClose(channel: Channel): void {
  channel.confirms?.flush()
  channel.send({ name: 'channel.close-ok' })
  channel.connection.forget(channel)
}

/** channel.flow: the server never has to be stopped, and cannot be. */
export function channelFlow(channel: Channel, { active }: MethodOf<'channel.flow'>): void {
  if (!active) throw new ConnectionError(540, 'active=false')
  channel.send({ name: 'channel.flow-ok', active: true })
}

/** access.request: everybody gets ticket 1, which means nothing. */
export function accessRequest(channel: Channel): void {
  channel.send({ name: 'access.request-ok', ticket: 1 })
}
