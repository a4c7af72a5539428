// The PROXY protocol (haproxy's), versions 1 and 2: what a proxy says of the client before the client's own octets. Knows
// octets; sockets are the listener's.
//
//   version 1: PROXY TCP4 192.0.2.1 198.51.100.2 50000 5672 CR LF     107 octets at the most
//   version 2: signature (12) · version and command (1) · family (1) · length (2) · addresses and what else there is

import { isIPv4, isIPv6 } from 'node:net'
import { plainAddress } from '../broker/access/loopback.ts'
import type { Address } from '../broker/peers.ts'

/** The two ends of a connection. */
export interface Ends {
  readonly remote: Address
  readonly local: Address
}

/** A header that is whole. */
export interface ProxyHeader {
  /** Who came, and where to; null where the proxy speaks for itself (a health check), or knows no addresses. */
  readonly ends: Ends | null
  /** Octets of the header: what follows is the client's. */
  readonly length: number
}

/** Octets that are no such header. `message` is for the log. */
export class ProxyHeaderError extends Error {
  override readonly name = 'ProxyHeaderError'
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const WORD = Buffer.from('PROXY ', 'latin1')
/** The longest line of version 1, its end included. */
const LONGEST_LINE = 107
const FIXED_BYTES = 16
/** The longest rest of version 2: addresses, and what a proxy says of TLS. The specification has 65,535. */
const LONGEST_REST = 4096
const LOCAL = 0x20
const PROXY = 0x21
const TCP4 = 0x11
const TCP6 = 0x21

/**
 * Reads the header at the beginning of `bytes`; null where more octets are needed.
 * @throws ProxyHeaderError where it is none
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | null {
  if (begins(bytes, SIGNATURE)) return bytes.length < FIXED_BYTES ? null : readBinary(bytes)
  if (begins(bytes, WORD)) return readLine(bytes)
  throw new ProxyHeaderError(`the first octets are ${bytes.subarray(0, 12).toString('hex')}, not a PROXY header`)
}

/** Whether the two are the same as far as both are there. */
function begins(bytes: Buffer, whole: Buffer): boolean {
  const length = Math.min(bytes.length, whole.length)
  return bytes.subarray(0, length).equals(whole.subarray(0, length))
}

function readLine(bytes: Buffer): ProxyHeader | null {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf('\r\n')
  if (end < 0) {
    if (bytes.length < LONGEST_LINE) return null
    throw new ProxyHeaderError(`its line has no end within ${LONGEST_LINE} octets`)
  }
  const line = bytes.toString('latin1', 0, end)
  const length = end + 2
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { ends: null, length }
  const [, family, from, to, fromPort, toPort] = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line) ?? []
  const isAddress = family === '4' ? isIPv4 : isIPv6
  if (from === undefined || to === undefined || !isAddress(from) || !isAddress(to)) {
    throw new ProxyHeaderError(`its line is ${JSON.stringify(line)}`)
  }
  return { ends: { remote: endOf(from, Number(fromPort)), local: endOf(to, Number(toPort)) }, length }
}

function readBinary(bytes: Buffer): ProxyHeader | null {
  const command = bytes.readUInt8(12)
  const family = bytes.readUInt8(13)
  const rest = bytes.readUInt16BE(14)
  if (command !== LOCAL && command !== PROXY) {
    throw new ProxyHeaderError(`version and command are 0x${command.toString(16)}, not 0x20 or 0x21`)
  }
  if (rest > LONGEST_REST) throw new ProxyHeaderError(`it is ${rest} octets long, of ${LONGEST_REST} at the most`)
  const length = FIXED_BYTES + rest
  if (bytes.length < length) return null
  const octets = family === TCP4 ? 4 : family === TCP6 ? 16 : 0
  if (command === LOCAL || octets === 0) return { ends: null, length }
  if (rest < 2 * octets + 4) throw new ProxyHeaderError(`its ${rest} octets are too few for two addresses`)
  const at = FIXED_BYTES + 2 * octets
  const address = (from: number): string => written(bytes.subarray(from, from + octets))
  return {
    ends: {
      remote: endOf(address(FIXED_BYTES), bytes.readUInt16BE(at)),
      local: endOf(address(FIXED_BYTES + octets), bytes.readUInt16BE(at + 2)),
    },
    length,
  }
}

function endOf(address: string, port: number): Address {
  return { host: plainAddress(address), port }
}

/** An address as people write it; IPv6 in its shortest form. */
function written(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(2 * index).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
