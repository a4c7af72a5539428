// One clock for all processes of a run: nanoseconds of the monotonic clock as numbers.

/** Nanoseconds since the machine started: exact to a few of them, the same in every process. */
export const nowNs = () => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e9 + nanoseconds
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>} rejects with `what` when the promise takes longer
 */
export const within = async (ms, promise, what) => {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
