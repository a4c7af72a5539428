// A transport over a WebSocket: one message for what is written at once, and the end said once.

import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { WebSocketTransport } from '../../src/server/websocket-transport.ts'
import type { TransportListener } from '../../src/session/transport.ts'

type Sent = readonly [data: string, options: object]

/** A socket of ws that does nothing but remember. */
class Remembering extends EventEmitter {
  readonly sent: Sent[] = []
  readonly calls: string[] = []
  readonly callbacks: (() => void)[] = []

  send(data: Buffer, options: object, callback?: () => void): void {
    this.sent.push([data.toString(), options])
    if (callback) this.callbacks.push(callback)
  }

  close(code: number): void {
    this.calls.push(`close ${code}`)
  }

  pause = () => this.calls.push('pause')
  resume = () => this.calls.push('resume')
  terminate = () => this.calls.push('terminate')
}

function carried() {
  const socket = new Remembering()
  const local = { host: '192.0.2.9', port: 80 }
  const peer = { address: '192.0.2.1', port: 7, loopback: false, secured: null, local }
  const transport = new WebSocketTransport(socket as unknown as WebSocket, peer)
  const heard: string[] = []
  const listener: TransportListener = {
    data: (chunk) => heard.push(chunk.toString()),
    closed: () => heard.push('(closed)'),
  }
  transport.listen(listener)
  return { socket, transport, heard }
}

it('knows where its peer is', () => {
  expect(carried().transport).toMatchObject({
    peer: '192.0.2.1:7',
    address: '192.0.2.1',
    loopback: false,
    secured: null,
  })
})

it('sends what is written at once as one message, and tells when it is gone', () => {
  const { socket, transport } = carried()
  let gone = 0
  transport.write([Buffer.from('a'), Buffer.from('b')], () => gone++)
  expect(socket.sent).toEqual([
    ['a', { binary: true, fin: false }],
    ['b', { binary: true, fin: true }],
  ])
  expect(gone).toBe(0)
  for (const callback of socket.callbacks) callback()
  expect(gone).toBe(1)
})

it('passes on octets, and closes on text', () => {
  const { socket, heard } = carried()
  socket.emit('message', Buffer.from('octets'), true)
  socket.emit('message', Buffer.from('text'), false)
  expect([heard, socket.calls]).toEqual([['octets'], ['close 1003']])
})

it('tells of the end once, whatever went before', () => {
  const { socket, heard } = carried()
  socket.emit('error', new Error('gone'))
  socket.emit('close')
  expect(heard).toEqual(['(closed)'])
})

it('reads on to see the answer to its close', () => {
  const { socket, transport } = carried()
  transport.pause()
  transport.end()
  transport.destroy()
  expect(socket.calls).toEqual(['pause', 'resume', 'close 1000', 'terminate'])
})
