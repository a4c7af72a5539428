// Channel 0 alone: which method it hands to its connection as what, and what it does after the end was announced
// (behaviour.md §1.3, §2.7). The words of the handshake are in handshake.spec.ts.

import type { Method } from '../../src/protocol/methods.ts'
import { ConnectionError } from '../../src/protocol/reply.ts'
import { ChannelZero } from '../../src/session/channel-zero.ts'
import { SilentClose } from '../../src/session/handshake.ts'
import { method } from '../support/peer.ts'
import { World } from '../support/world.ts'

/** Channel 0 whose connection notes what it is made to do. */
async function zero(): Promise<{ readonly zero: ChannelZero; readonly told: string[] }> {
  const told: string[] = []
  const { context } = await World.create()
  const zero = new ChannelZero(
    context,
    { address: 'memory', loopback: true, secured: null },
    {
      send: ({ name }: Method) => told.push(name),
      tuned: ({ channelMax, frameMax, heartbeatSeconds }) =>
        told.push(`tuned ${channelMax} ${frameMax} ${heartbeatSeconds}`),
      admitted: ({ user, vhost }) => told.push(`admitted ${user.name} to ${vhost.name}`),
      closeAsAsked: () => told.push('closes'),
      secretUpdated: () => told.push('looks again'),
      later: (task) => task(),
      finish: () => told.push('finishes'),
    },
  )
  return { zero, told }
}

const startOk = method('connection.start-ok', { mechanism: 'PLAIN', response: Buffer.from('\0guest\0guest') })
const tuneOk = method('connection.tune-ok', { channelMax: 9, frameMax: 5000, heartbeat: 7 })
const open = method('connection.open', { virtualHost: '/' })

async function opened() {
  const opened = await zero()
  for (const each of [startOk, tuneOk, open]) opened.zero.method(each)
  return opened
}

describe('channel 0', () => {
  it('leads through the handshake, and admits before it answers', async () => {
    expect((await opened()).told).toEqual([
      'connection.tune',
      'tuned 9 5000 7',
      'admitted guest to /',
      'connection.open-ok',
    ])
  })

  it('does nothing that comes out of order', async () => {
    const { zero: shaking, told } = await zero()
    expect(() => shaking.method(open)).toThrow(SilentClose)
    expect(() => shaking.method(tuneOk)).toThrow(SilentClose)
    expect(() => shaking.method(method('connection.close'))).toThrow(SilentClose)
    expect(told).toEqual([])
  })

  it('knows two methods once the connection is open, and refuses all others', async () => {
    const { zero, told } = await opened()
    told.length = 0
    zero.method(method('connection.update-secret'))
    zero.method(method('connection.close'))
    expect(told).toEqual(['connection.update-secret-ok', 'looks again', 'closes'])
    for (const other of [startOk, tuneOk, open, method('connection.close-ok'), method('basic.qos')]) {
      expect(() => zero.method(other)).toThrow(
        new ConnectionError(504, 'unexpected method in connection state running'),
      )
    }
  })

  it('listens to nothing but the end after the end was announced', async () => {
    const { zero, told } = await opened()
    told.length = 0
    for (const name of ['connection.update-secret', 'connection.open', 'channel.open'] as const) {
      zero.methodWhileClosing(method(name))
    }
    expect(told).toEqual([])
    zero.methodWhileClosing(method('connection.close'))
    zero.methodWhileClosing(method('connection.close-ok'))
    expect(told).toEqual(['connection.close-ok', 'finishes'])
  })
})
