// What is set for a vhost beside its name, as far as it does not change what is in it. Knows no vhost.

import type { QueueType } from './queue/settings.ts'

/** The settings of a vhost. */
export interface VhostSettings {
  /** The type of queues that are declared without one, where that is possible (behaviour.md §6.1); null: classic. */
  readonly defaultQueueType: QueueType | null
  /** For people. */
  readonly description: string
  /** For people, and for what they run. */
  readonly tags: readonly string[]
  /** It cannot be deleted until this is lifted. */
  readonly protectedFromDeletion: boolean
}

/** A vhost that nothing is set for. */
export const PLAIN_VHOST: VhostSettings = {
  defaultQueueType: null,
  description: '',
  tags: [],
  protectedFromDeletion: false,
}
