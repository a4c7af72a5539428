// A Jest reporter that closes a run with one plain line of counts: `N passed, N failed[, N skipped]`.
// In CI a skipped test fails the run: there, a client that is not installed is a gap and not an excuse.

import { writeSync } from 'node:fs'

/** Whether this runs in CI, by the variable that every CI service sets. */
const inCi = !['', '0', 'false'].includes(process.env.CI ?? '')

/** Counts tests; a file that could not be run at all counts as one failure. */
export default class CountReporter {
  #skipped = 0

  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    this.#skipped = results.numPendingTests + results.numTodoTests
    if (inCi && this.#skipped > 0) process.stdout.write(`\nSkipped, which CI does not allow:\n${skipped(results)}\n`)
    const counts = [`${results.numPassedTests} passed`, `${failed} failed`]
    if (this.#skipped > 0) counts.push(`${this.#skipped} skipped`)
    // Jest's own summary comes after every reporter; the line of counts is to be the last.
    process.once('exit', () => writeSync(1, `\n${counts.join(', ')}\n`))
  }

  /** Jest ends with an error when this answers one. */
  getLastError() {
    return inCi && this.#skipped > 0 ? new Error(`${this.#skipped} skipped tests in CI`) : undefined
  }
}

function skipped(results) {
  return results.testResults
    .flatMap((file) => file.testResults)
    .filter((test) => test.status === 'pending' || test.status === 'todo')
    .map((test) => `  ${test.fullName}`)
    .join('\n')
}
