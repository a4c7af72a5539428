// Whether somebody comes from this machine: what users that may only log in from here are held to. Knows addresses as texts;
// no sockets.

/** Whether an IP address is one of this machine's loopback addresses. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
