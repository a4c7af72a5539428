// Sockets that wait for their header: what is given on, and what is left of those that give up.

import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { ProxiedSockets } from '../../src/server/proxied.ts'
import { World } from '../support/world.ts'

/** As much of a socket as is looked at. */
class Wire extends EventEmitter {
  readonly remoteAddress = '::ffff:192.0.2.1'
  readonly remotePort = 7
  destroyed = false

  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

let world: World
let sockets: ProxiedSockets
let wire: Wire
let taken: unknown[]

beforeEach(async () => {
  world = await World.create()
  sockets = new ProxiedSockets(world.context)
  wire = new Wire()
  taken = []
  sockets.take(wire as unknown as Socket, (socket, ends, rest) =>
    taken.push([socket === (wire as unknown), ends, `${rest}`]),
  )
})

it('the socket is given on with what follows the header, and nobody listens to it any more', () => {
  for (const piece of ['PROX', 'Y UNKNOWN\r', '\nAM']) wire.emit('data', Buffer.from(piece))
  expect(taken).toEqual([[true, null, 'AM']])
  expect(wire.eventNames()).toEqual([])
  expect(world.clock.timers).toBe(0)
  sockets.close()
  expect(wire.destroyed).toBe(false)
})

it('one that goes before is forgotten', () => {
  wire.emit('close')
  expect(world.clock.timers).toBe(0)
  sockets.close()
  expect([taken, wire.destroyed, world.log.lines]).toEqual([[], false, []])
})

it('one that waits is closed in the end', () => {
  sockets.close()
  expect([taken, wire.destroyed, world.clock.timers]).toEqual([[], true, 0])
})

it('one that says something else is closed, and the log says by its plain address', () => {
  wire.emit('data', Buffer.from('GET / HTTP/1.1'))
  expect([taken, wire.destroyed, world.clock.timers]).toEqual([[], true, 0])
  expect(world.log.lines).toMatchObject([{ level: 'warn', fields: { peer: '192.0.2.1:7' } }])
})
