// Confirms, returns and refusals, and how many are under way.

import { EventEmitter } from 'node:events'
import { Publisher } from '../../../src/cli/messages/publisher.ts'

class Channel extends EventEmitter {
  readonly confirms: ((error: unknown) => void)[] = []
  publish(
    _exchange: string,
    _key: string,
    _content: Buffer,
    _options: unknown,
    done: (error: unknown) => void,
  ): boolean {
    this.confirms.push(done)
    return true
  }
}

const message = (key: string, size = 1) => ({ exchange: 'e', key, content: Buffer.alloc(size), options: {} })

function open() {
  const channel = new Channel()
  return { channel, publisher: new Publisher(channel as never) }
}

describe('a message', () => {
  it('is confirmed, refused or returned', async () => {
    const { channel, publisher } = open()
    const outcomes = [publisher.send(message('a')), publisher.send(message('b')), publisher.send(message('c'))]
    channel.emit('return', { fields: { exchange: 'e', routingKey: 'b' }, content: Buffer.alloc(1) })
    channel.confirms[0]?.(null)
    channel.confirms[1]?.(null)
    channel.confirms[2]?.(new Error('nacked'))
    expect(await Promise.all(outcomes)).toEqual(['confirmed', 'returned', 'refused'])
  })

  it('that looks like another is returned as often as it comes back', async () => {
    const { channel, publisher } = open()
    const outcomes = [publisher.send(message('a')), publisher.send(message('a'))]
    const back = { fields: { exchange: 'e', routingKey: 'a' }, content: Buffer.alloc(1) }
    channel.emit('return', back)
    channel.emit('return', back)
    for (const confirm of channel.confirms) confirm(null)
    expect(await Promise.all(outcomes)).toEqual(['returned', 'returned'])
  })
})

describe('room', () => {
  it.each([
    ['messages', 1000, 1],
    ['octets', 16, 1024 * 1024],
  ])('ends at so many %s, and comes back with a confirm', async (_, count, size) => {
    const { channel, publisher } = open()
    for (let index = 0; index < count; index++) void publisher.send(message('a', size))
    let isRoom = false
    const room = publisher.room().then(() => {
      isRoom = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isRoom).toBe(false)
    channel.confirms[0]?.(null)
    await room
    expect(isRoom).toBe(true)
  })

  it('is all there when nothing is under way', async () => {
    const { channel, publisher } = open()
    await publisher.room()
    await publisher.settled()
    void publisher.send(message('a'))
    const settled = publisher.settled()
    channel.confirms[0]?.(null)
    await expect(settled).resolves.toBeUndefined()
  })
})
