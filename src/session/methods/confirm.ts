// Class confirm (behaviour.md §8.2).

import type { MethodOf } from '../../protocol/methods.ts'
import { preconditionFailed } from '../../protocol/reply.ts'
import type { Channel } from '../channel.ts'

/** confirm.select: publishes are counted from now on. */
export function confirmSelect(channel: Channel, { noWait }: MethodOf<'confirm.select'>): void {
  if (channel.transaction) throw preconditionFailed('cannot switch from tx to confirm mode')
  channel.startConfirms()
  if (!noWait) channel.send({ name: 'confirm.select-ok' })
}
