// The sockets of a test broker.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { Carriers } from '../../src/testing/carriers.ts'
import { WireRules } from '../../src/testing/faults/wire-rules.ts'

async function pair(carriers: Carriers) {
  const server = createServer((socket) => {
    carriers.carry(socket, null).listen({ data: () => {}, closed: () => {} })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await Promise.all([once(peer, 'connect'), once(server, 'connection')])
  server.close()
  return peer
}

describe('the carriers', () => {
  it('reset their peers', async () => {
    const carriers = new Carriers(() => new WireRules(), true)
    const peer = await pair(carriers)
    const failed = once(peer, 'error')
    carriers.reset()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })

  it('hang up, and forget who has gone', async () => {
    const carriers = new Carriers(() => new WireRules(), true)
    const peer = await pair(carriers)
    expect(carriers.size).toBe(1)
    const ended = once(peer.resume(), 'close')
    carriers.close()
    await ended
    await new Promise((resolve) => setImmediate(resolve))
    expect(carriers.size).toBe(0)
  })
})
