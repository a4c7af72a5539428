// A vhost of one test's own, that goes with all that is in it when the test ends.

import { LeakError, type LeakReport, leakLines } from './leaks.ts'
import { TestVhost } from './test-vhost.ts'

/** How an isolated vhost ends. */
export interface DisposeOptions {
  /** Whether it is an error to leave something behind. */
  readonly failOnLeaks?: boolean
}

const NOTHING_LEFT: LeakReport = { connections: 0, channels: 0, unacked: [], messages: {}, faults: [] }

/** A vhost that one test has for itself. */
export class Isolation extends TestVhost implements AsyncDisposable {
  #gone = false

  /**
   * Deletes the vhost, its user and all that is in it; connections to it are closed. Resolves with what was left behind:
   * nothing where it, or the broker, is gone already.
   * Rejects with `LeakError`, after that, where it is not to be.
   */
  async dispose({ failOnLeaks = false }: DisposeOptions = {}): Promise<LeakReport> {
    // Whoever it was that ended it, or the broker: that is what was wanted.
    if (this.#gone || this.host.state !== 'running' || !this.host.broker.vhosts.has(this.name)) return NOTHING_LEFT
    const report = this.leaks()
    this.#gone = true
    this.host.findings.add(this.lints())
    const { administration } = this.host.broker
    await Promise.all([administration.deleteVhost(this.name), administration.deleteUser(this.user)])
    this.host.journal.forget(this.name)
    if (failOnLeaks && leakLines(report).length > 0) throw new LeakError(this.name, report)
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }
}
