// Which broker is at an address, as its connection.start says: so that the scenarios can be pointed anywhere.

import type { Tagged } from './client/field-table.ts'
import { Peer } from './client/peer.ts'
import { protocolHeader } from './peers.ts'
import type { Target } from './play.ts'

/** The address with the flavour of the broker that answers there. Throws when none does. */
export async function identify(host: string, port: number): Promise<Target> {
  const peer = await Peer.connect(host, port)
  try {
    peer.write(protocolHeader(0, 0, 9, 1))
    const start = await peer.next(10_000)
    if (start?.kind !== 'method' || start.name !== 'connection.start') throw new Error(`no broker at ${host}:${port}`)
    const properties = new Map(start.values['serverProperties'] as [string, Tagged][])
    const text = (key: string) => String(properties.get(key)?.[1])
    const is310 =
      text('product') === 'RabbitMQ' && text('version').startsWith('3.10.') && text('platform').includes('Erlang')
    return { host, port, flavour: is310 ? '3.10' : 'ours' }
  } finally {
    peer.drop()
  }
}
