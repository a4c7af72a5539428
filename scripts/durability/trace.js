// Reads what strace wrote: system calls with the bytes that they carried, in the order in which they began and ended; and
// AMQP frames out of what went over one socket. Knows the text of `strace -f -yy -xx` and the layout of frames.

import { readFileSync } from 'node:fs'

/** How strace has to be called for `readTrace`. */
export const straceCommand = (path) => {
  const calls = 'read,write,writev,sendto,sendmsg,recvfrom,recvmsg,pwrite64,pwritev,fsync,fdatasync'
  return ['strace', '-f', '--seccomp-bpf', '-yy', '-xx', '-s', '4194304', '-e', `trace=${calls}`, '-o', path]
}

/**
 * @typedef {object} Call a finished system call
 * @property {string} name
 * @property {string} target the file or the socket
 * @property {Buffer} bytes those that were read or written
 * @property {number} result
 * @property {number} begins place of its begin among all begins and ends
 * @property {number} ends
 */

/** @returns {Call[]} in the order of their ends */
export const readTrace = (path) => {
  const calls = []
  const unfinished = new Map()
  for (const [at, line] of readFileSync(path, 'latin1').split('\n').entries()) {
    const [, thread, text] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (text === undefined) continue
    if (text.endsWith('<unfinished ...>')) {
      unfinished.set(thread, { begins: at, head: text.slice(0, -'<unfinished ...>'.length) })
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text)
    const { begins, head } = resumed ? (unfinished.get(thread) ?? { begins: at, head: '' }) : { begins: at, head: '' }
    const call = parse(resumed ? head + text.slice(resumed[0].length) : text)
    if (call) calls.push({ ...call, begins, ends: at })
  }
  return calls
}

const parse = (text) => {
  const [, name, target] = /^(\w+)\(\d+<((?:TCP[^\]]*\]|[^>])*)>/.exec(text) ?? []
  const [, result] = /\)\s+= (-?\d+)[^"]*$/.exec(text) ?? []
  if (name === undefined || result === undefined) return undefined
  const bytes = Math.max(0, Number(result))
  const unescaped = target.replace(/\\x([0-9a-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
  const hex = [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, part]) => part.replaceAll('\\x', '')).join('')
  return { name, target: unescaped, result: Number(result), bytes: Buffer.from(hex, 'hex').subarray(0, bytes) }
}

/** All bytes of some calls in a row, and which call carried the byte at an offset. */
export const streamOf = (calls) => {
  const ends = []
  let length = 0
  for (const { bytes } of calls) {
    length += bytes.length
    ends.push(length)
  }
  const callAt = (offset) => {
    let low = 0
    let high = ends.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle] > offset) high = middle
      else low = middle + 1
    }
    return calls[low]
  }
  return { bytes: Buffer.concat(calls.map(({ bytes }) => bytes)), callAt }
}

/** Methods in what one side sent: class, method, arguments, and the calls with the first and the last byte. */
export const methodsIn = function* (calls) {
  const { bytes, callAt } = streamOf(calls)
  let at = bytes.subarray(0, 4).toString() === 'AMQP' ? 8 : 0
  for (; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at + 3)
    const last = at + 7 + size
    if (last >= bytes.length) return
    if (bytes[last] !== 0xce) throw new Error('a frame in the trace does not end in 0xCE')
    if (bytes[at] === 1) {
      const payload = bytes.subarray(at + 7, last)
      const id = `${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`
      yield { id, fields: payload.subarray(4), first: callAt(at), last: callAt(last) }
    }
    at = last + 1
  }
}
