// What a server says first: one whole frame on channel 0. That a peer understands it is handshake.spec.ts'.

import { FrameDecoder } from '../../src/protocol/frame-decoder.ts'
import { decodeMethod } from '../../src/protocol/method-codec.ts'
import { greeting } from '../../src/session/greeting.ts'

describe('the greeting', () => {
  it('is connection.start on channel 0, and names the program', () => {
    const heard: unknown[] = []
    const frame = (_type: number, channel: number, bytes: Buffer, start: number, end: number) => {
      const method = decodeMethod(bytes, start, end)
      const platform = method.name === 'connection.start' && method.serverProperties.get('platform')?.value
      heard.push([channel, method.name, platform])
    }
    new FrameDecoder({ frame }, 8192).push(greeting('1.2.3'))
    expect(heard).toEqual([[0, 'connection.start', 'Leveret 1.2.3']])
  })
})
