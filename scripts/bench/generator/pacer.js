// A thread that calls at an even pace: timers of the event loop are exact to a millisecond, a wait on memory to some tens
// of microseconds. It says nothing but "now"; who hears it looks at the clock and does what is due.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { nowNs } from './clock.js'

/**
 * Calls `task` that many times a second, until the returned function is called.
 * @returns {() => Promise<unknown>}
 */
export const pace = (perSecond, task) => {
  const worker = new Worker(new URL(import.meta.url), { workerData: { everyNs: 1e9 / perSecond } })
  worker.on('message', task)
  return () => worker.terminate()
}

const call = ({ everyNs }) => {
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (let dueNs = nowNs(); ; ) {
    dueNs = Math.max(dueNs + everyNs, nowNs())
    Atomics.wait(never, 0, 0, (dueNs - nowNs()) / 1e6)
    parentPort.postMessage(0)
  }
}

if (!isMainThread && workerData?.everyNs) call(workerData)
