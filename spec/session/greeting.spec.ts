// What a server says first: one whole frame on channel 0. That a peer understands it is handshake.spec.ts'.

import { LEVERET } from '../../src/broker/dialect.ts'
import { FrameDecoder } from '../../src/protocol/frame-decoder.ts'
import { decodeMethod } from '../../src/protocol/method-codec.ts'
import { greeting } from '../../src/session/greeting.ts'

/** The methods in these octets, with what a client looks at. */
function read(octets: Buffer): unknown[] {
  const heard: unknown[] = []
  const frame = (_type: number, channel: number, bytes: Buffer, start: number, end: number) => {
    const method = decodeMethod(bytes, start, end)
    if (method.name !== 'connection.start') throw new Error(`${method.name} is no greeting`)
    const { serverProperties, mechanisms } = method
    heard.push([channel, serverProperties.get('platform')?.value, Buffer.from(mechanisms).toString()])
  }
  new FrameDecoder({ frame }, 8192).push(octets)
  return heard
}

describe('the greeting', () => {
  it('is connection.start on channel 0, names the program and the mechanisms', () => {
    const { plain } = greeting('1.2.3', LEVERET, ['AMQPLAIN', 'PLAIN', 'EXTERNAL'])
    expect(read(plain)).toEqual([[0, 'Leveret 1.2.3', 'AMQPLAIN PLAIN']])
  })

  it('offers ANONYMOUS where there is a user for it', () => {
    expect(read(greeting('1.2.3', LEVERET, ['PLAIN'], 'guest').plain)).toEqual([
      [0, 'Leveret 1.2.3', 'PLAIN ANONYMOUS'],
    ])
  })

  it('offers EXTERNAL to those who have shown a certificate, where it is wanted', () => {
    expect(read(greeting('1.2.3', LEVERET, ['PLAIN', 'EXTERNAL']).certified)).toEqual([
      [0, 'Leveret 1.2.3', 'PLAIN EXTERNAL'],
    ])
    expect(read(greeting('1.2.3', LEVERET, ['PLAIN']).certified)).toEqual([[0, 'Leveret 1.2.3', 'PLAIN']])
  })
})
