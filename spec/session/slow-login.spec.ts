// A login whose password takes its time: what comes meanwhile waits, in order, and an end meanwhile is an end.

import { FULL_PERMISSION } from '../../src/broker/access/users.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { connectionClose } from '../support/closes.ts'
import type { Arrival, Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await World.create()
  const { administration } = world.broker
  await administration.putUser('me', { password: 'secret', hashing: 'scrypt' })
  await administration.setPermission('me', '/', FULL_PERMISSION)
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

const response = (password: string) => Buffer.from(`\0me\0${password}`)

/** A peer that has said its password. */
async function waiting(password: string): Promise<Peer> {
  const peer = world.connect({ capabilities: ['authentication_failure_close'] })
  peer.write(PROTOCOL_HEADER)
  await peer.heard()
  peer.startOk({ response: response(password) })
  return peer
}

/** Everything up to an arrival of that name. A hash is computed in another thread: turns pass until it is there. */
async function until(peer: Peer, name: Arrival['name']): Promise<readonly Arrival[]> {
  const arrivals: Arrival[] = []
  for (let turns = 0; arrivals.at(-1)?.name !== name; turns++) {
    if (turns > 200_000) throw new Error(`${name} did not come`)
    await new Promise((resolve) => setImmediate(resolve))
    arrivals.push(...(await peer.heard()))
  }
  return arrivals
}

describe('a password with a slow hash', () => {
  it('is answered when it has been looked at', async () => {
    const peer = await waiting('secret')
    expect(peer.take()).toEqual([])
    expect(await until(peer, 'connection.tune')).toHaveLength(1)
    peer.tuneOk()
    peer.send(0, 'connection.open', { virtualHost: '/' })
    expect(await peer.heard()).toMatchObject([{ name: 'connection.open-ok' }])
  })

  it('is answered at once the second time', async () => {
    await until(await waiting('secret'), 'connection.tune')
    expect(await (await waiting('secret')).heard()).toMatchObject([{ name: 'connection.tune' }])
  })

  it('holds what comes before the answer, and serves it in order', async () => {
    const peer = await waiting('secret')
    peer.tuneOk()
    peer.send(0, 'connection.open', { virtualHost: '/' })
    const arrivals = await until(peer, 'connection.open-ok')
    expect(arrivals.map(({ name }) => name)).toEqual(['connection.tune', 'connection.open-ok'])
  })

  it('has errors of what was held told as those of its method', async () => {
    const peer = await waiting('secret')
    peer.tuneOk()
    peer.send(0, 'connection.open', { virtualHost: 'none' })
    const [, close] = await until(peer, 'connection.close')
    expect(close).toMatchObject(connectionClose(530, 'vhost none not found', '10/40'))
  })

  it('is refused as any other', async () => {
    const text = 'Login was refused using authentication mechanism PLAIN. For details see the broker logfile.'
    const [close] = await until(await waiting('wrong'), 'connection.close')
    expect(close).toMatchObject(connectionClose(403, text))
  })

  it('matters to nobody when its peer has gone', async () => {
    const peer = await waiting('secret')
    await peer.drop()
    await world.broker.logins.check('me', 'secret')
    await world.settle()
    expect([peer.take(), world.connections.size, world.clock.timers]).toEqual([[], 0, 0])
  })

  it('does not hold whatever somebody says', async () => {
    const peer = await waiting('secret')
    for (let i = 0; i < 9; i++) peer.tuneOk()
    await peer.heard()
    await world.pass(3000)
    expect(peer.ended).toBe('destroyed')
  })
})
