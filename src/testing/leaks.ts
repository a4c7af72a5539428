// What a test leaves behind: a report, and an error that says it. Plain data.

import type { Delivered } from './events.ts'
import { messageText } from './telling.ts'

/** What is left. */
export interface LeakReport {
  /** Connections and channels that are open. */
  readonly connections: number
  readonly channels: number
  /** Deliveries that nobody has settled. */
  readonly unacked: readonly Delivered[]
  /** Ready messages by queue, of queues that have some. */
  readonly messages: Readonly<Record<string, number>>
  /** Faults that are still in the way, in words. */
  readonly faults: readonly string[]
}

/** Something was left behind. */
export class LeakError extends Error {
  override readonly name = 'LeakError'
  readonly report: LeakReport

  constructor(vhost: string, report: LeakReport) {
    super([`the test in vhost '${vhost}' leaves behind:`, ...leakLines(report)].join('\n  '))
    this.report = report
  }
}

/** The report in words, a line for each kind of thing; none where nothing is left. */
export function leakLines({ connections, channels, unacked, messages, faults }: LeakReport): readonly string[] {
  const lines: string[] = []
  if (connections > 0) lines.push(`${connections} open connections, with ${channels} channels`)
  for (const { queue, sequence, consumer, message } of unacked) {
    const holder = consumer === null ? 'basic.get' : `consumer ${consumer}`
    lines.push(`unacked: message ${sequence} of ${queue}, held by ${holder}: ${messageText(message)}`)
  }
  for (const [queue, count] of Object.entries(messages)) lines.push(`${count} messages in ${queue}`)
  for (const fault of faults) lines.push(`a fault: ${fault}`)
  return lines
}
