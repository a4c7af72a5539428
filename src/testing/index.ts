// What `leveret/testing` offers; it re-exports only. Nothing of it is needed, or loaded, by a broker in production.

import type { BrokerOptions } from './broker-options.ts'
import { TestBroker } from './test-broker.ts'

export type { BrokerOptions } from './broker-options.ts'
export type { Duration } from './duration.ts'
export type {
  BrokerEvent,
  Connected,
  Consuming,
  DeadLettered,
  Delivered,
  Dropped,
  Failed,
  Published,
  Purged,
  Queued,
  Settled,
} from './events.ts'
export type { CloseFault, DropFault, Fault, Faults, MethodFault, StoreFault } from './faults/faults.ts'
export type { PublishFault } from './faults/publish-rules.ts'
export type { DisposeOptions, Isolation } from './isolation.ts'
export { LeakError, type LeakReport } from './leaks.ts'
export type { LintOptions } from './lints.ts'
export type { Match, MessageMatch, TextMatch } from './match.ts'
export { toMermaid } from './mermaid.ts'
export type { PublishOptions, PublishResult } from './publish.ts'
export { fromNdjson, toNdjson } from './record.ts'
export type { ReplayOptions } from './replay.ts'
export type { SeenMessage } from './seen-message.ts'
export type { Snapshot } from './snapshot.ts'
export type { RestartOptions, TestBroker } from './test-broker.ts'
export type { TestClock } from './test-clock.ts'
export type { QueuedMessage, TestQueue } from './test-queue.ts'
export type { CountedWaitOptions, TestVhost } from './test-vhost.ts'
export { WaitError, type WaitOptions } from './waiting.ts'

/** Starts a broker for tests; it is ready when this resolves. */
export function startBroker(options: BrokerOptions = {}): Promise<TestBroker> {
  return TestBroker.start(options)
}
