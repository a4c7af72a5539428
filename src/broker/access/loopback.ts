// Addresses as texts: one for each machine, however it was written, and whether it is this one, which is what users that
// may only log in from here are held to. Knows no sockets.

/** An IPv4 address as a socket of IPv6 sees it, in either spelling (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i
const LOOPBACK = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/

/** An IPv4 address as such, also where it came as one of IPv6; anything else as it is. */
export function plainAddress(address: string): string {
  const [, dotted, high, low] = MAPPED.exec(address) ?? []
  if (high === undefined || low === undefined) return dotted ?? address
  return [high, low].flatMap(octetsOf).join('.')
}

/** Whether an IP address is one of this machine's loopback addresses. A name is none, whatever it begins with. */
export function isLoopback(address: string): boolean {
  return address === '::1' || LOOPBACK.test(plainAddress(address))
}

function octetsOf(group: string): readonly number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
