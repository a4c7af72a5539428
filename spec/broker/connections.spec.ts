// Connections as the broker counts them.

import { ANYTHING } from '../../src/broker/access/access.ts'
import { Connections } from '../../src/broker/connections.ts'
import { NO_NODE_LIMITS, type UserLimits } from '../../src/broker/limits.ts'

let limits: UserLimits
let connections: Connections
let ended: string[]

const make = (node = {}) => new Connections({ limits: () => limits }, { ...NO_NODE_LIMITS, ...node })
const guest = (user: string, vhost = '/') => ({
  user,
  vhost,
  access: ANYTHING,
  end: (reason: string) => void ended.push(`${user} ${vhost}: ${reason}`),
})

beforeEach(() => {
  limits = {}
  ended = []
  connections = make()
})

describe('connections', () => {
  it('are known by their number until nothing of them is left', () => {
    const [one, two] = [connections.add(guest('a')), connections.add(guest('a'))]
    expect([one.id === two.id, connections.get(one.id), connections.size]).toEqual([false, one, 2])
    connections.leave(one)
    connections.leave(one)
    expect([one.gone, connections.get(one.id), connections.size]).toEqual([true, one, 1])
    connections.forget(one)
    expect([connections.get(one.id), connections.get(two.id)]).toEqual([undefined, two])
    expect(connections.add().access).toBe(ANYTHING)
  })

  it('are as many as the vhost lets in', () => {
    const vhost = { name: 'v', limits: { 'max-connections': 1 } }
    const check = () => connections.check('a', vhost)
    expect(check).not.toThrow()
    const one = connections.add(guest('b', 'v'))
    connections.add(guest('b'))
    expect(check).toThrow("access to vhost 'v' refused for user 'a': connection limit (1) is reached")
    connections.leave(one)
    expect(check).not.toThrow()
    const none = { name: 'v', limits: { 'max-connections': 0 } }
    expect(() => connections.check('a', none)).toThrow('connection limit (0) is reached')
    expect(() => connections.check('a', { name: 'v', limits: { 'max-connections': -1 } })).not.toThrow()
  })

  it('are as many as the user may have, wherever they are', () => {
    const vhost = { name: '/', limits: {} }
    limits = { 'max-connections': 2 }
    connections.add(guest('b'))
    const [one] = [connections.add(guest('a')), connections.add(guest('a', 'v'))]
    expect(() => connections.check('b', vhost)).not.toThrow()
    expect(() => connections.check('a', vhost)).toThrow(
      "connection refused for user 'a': user connection limit (2) is reached",
    )
    connections.leave(one)
    expect(() => connections.check('a', vhost)).not.toThrow()
  })

  it('are as many as the node takes', () => {
    connections = make({ connectionMax: 1 })
    expect(() => connections.checkNode()).not.toThrow()
    const one = connections.add(guest('a'))
    expect(() => connections.checkNode()).toThrow('connection refused: node connection limit (1) is reached')
    connections.leave(one)
    expect(() => connections.checkNode()).not.toThrow()
  })

  it('end with their user or their vhost', () => {
    const gone = connections.add(guest('a'))
    connections.leave(gone)
    for (const [user, vhost] of [['a'], ['b'], ['a', 'v']] as const) connections.add(guest(user, vhost))
    connections.endUser('a')
    expect(ended).toEqual(["a /: user 'a' is deleted", "a v: user 'a' is deleted"])
    ended = []
    connections.endVhost('/')
    expect(ended).toEqual(["a /: vhost '/' is deleted", "b /: vhost '/' is deleted"])
  })
})

describe('channels', () => {
  it('are as many as the user may have on all connections', () => {
    limits = { 'max-channels': 2 }
    const [one, two, other] = [connections.add(guest('a')), connections.add(guest('a')), connections.add(guest('b'))]
    connections.openChannel(one)
    connections.openChannel(two)
    connections.openChannel(other)
    expect(() => connections.openChannel(two)).toThrow(
      "number of channels opened for user 'a' has reached the maximum allowed user limit of 2",
    )
    connections.closeChannel(one)
    expect(() => connections.openChannel(two)).not.toThrow()
  })

  it('are as many as the node takes', () => {
    connections = make({ channelMaxPerNode: 1 })
    const one = connections.add(guest('a'))
    connections.openChannel(one)
    expect(() => connections.openChannel(one)).toThrow(
      "number of channels opened on node 'leveret' has reached the maximum allowed limit of 1",
    )
    connections.closeChannel(one)
    expect(() => connections.openChannel(one)).not.toThrow()
  })
})
