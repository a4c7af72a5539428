// Keys and values octet by octet: what another program would have to know to read a data directory.

import { StoreError } from '../../../src/broker/store.ts'
import * as layout from '../../../src/store/level/layout.ts'
import { LARGEST } from '../contract/trial.ts'

/** CRC-32 (ISO 3309) bit by bit, of hexadecimal text and to it. */
function crcOf(hex: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(hex, 'hex')) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (~crc >>> 0).toString(16).padStart(8, '0')
}

describe('the layout of LevelDB keys and values', () => {
  it('is the one that format 1 names, byte for byte', () => {
    expect(layout.FORMAT).toBe(1)
    const key = { queueId: 0x0102, firstSeq: LARGEST }
    expect(layout.metaKey('q/ä').toString('hex')).toBe('6d712fc3a4')
    expect(layout.chunkKey(layout.namespace.chunk, key).toString('hex')).toBe('630000000000000102001fffffffffffff')
    expect(layout.chunkKey(layout.namespace.summary, key).toString('hex')).toBe('730000000000000102001fffffffffffff')
    expect(layout.queueKey(layout.namespace.mark, 2 ** 32).toString('hex')).toBe('710000000100000000')
    expect(layout.encodeMeta(7, '{"é":1}').toString('hex')).toBe(
      `${crcOf('00000000000000077b22c3a9223a317d')}00000000000000077b22c3a9223a317d`,
    )
    const mark = { queueId: 1, nextSeq: 2 ** 33, headSeq: 3 }
    expect(layout.encodeMark(mark).toString('hex')).toBe(
      `${crcOf('00000002000000000000000000000003')}00000002000000000000000000000003`,
    )
    expect(Object.values(layout.versionKey).map(String)).toEqual(['vboots', 'vformat', 'vrev'])
  })

  it('reads back what it writes', () => {
    for (const number of [0, 1, 255, 2 ** 32 - 1, 2 ** 32, 2 ** 52 + 1, LARGEST]) {
      expect(layout.decodeNumber(layout.versionKey.rev, layout.encodeNumber(number))).toBe(number)
      const key = layout.chunkKey(layout.namespace.chunk, { queueId: number, firstSeq: LARGEST - number })
      expect([layout.queueIdOf(key), layout.firstSeqOf(key)]).toEqual([number, LARGEST - number])
    }
    const mark = { queueId: 5, nextSeq: LARGEST, headSeq: 2 ** 40 }
    expect(layout.decodeMark(layout.queueKey(layout.namespace.mark, 5), layout.encodeMark(mark))).toEqual(mark)
    const entry = { key: 'exchange//amq.topic', value: '{"é":"\u{1f407}"}', rev: LARGEST }
    expect(layout.decodeMeta(layout.metaKey(entry.key), layout.encodeMeta(entry.rev, entry.value))).toEqual(entry)
  })

  it('sorts keys as their numbers', () => {
    const numbers = [0, 1, 255, 256, 65_535, 2 ** 32 - 1, 2 ** 32, 2 ** 48, LARGEST]
    const keys = numbers.flatMap((queueId) =>
      numbers.map((firstSeq) => layout.chunkKey(layout.namespace.chunk, { queueId, firstSeq })),
    )
    expect(keys.toSorted(Buffer.compare)).toEqual(keys)
  })

  it('bounds a queue and a namespace so that nothing else is inside', () => {
    const { gte, lt } = layout.queueRange(layout.namespace.chunk, 7)
    const key = (queueId: number, firstSeq: number) => layout.chunkKey(layout.namespace.chunk, { queueId, firstSeq })
    const inside = (bytes: Buffer) => Buffer.compare(bytes, gte) >= 0 && Buffer.compare(bytes, lt) < 0
    expect([key(7, 0), key(7, LARGEST)].map(inside)).toEqual([true, true])
    expect([key(6, LARGEST), key(8, 0), layout.queueKey(layout.namespace.mark, 7)].map(inside)).toEqual([
      false,
      false,
      false,
    ])
    const last = layout.queueRange(layout.namespace.chunk, LARGEST)
    expect(Buffer.compare(key(LARGEST, LARGEST), last.lt)).toBe(-1)
    const prefixes = Object.values(layout.namespace)
    expect(new Set(prefixes).size).toBe(prefixes.length)
    for (const prefix of prefixes) {
      const range = layout.namespaceRange(prefix)
      expect([range.gte[0], range.lt[0]]).toEqual([prefix, prefix + 1])
    }
  })

  it('calls a value damaged of which any bit is flipped or any byte missing', () => {
    const key = layout.metaKey('a')
    const markKey = layout.queueKey(layout.namespace.mark, 1)
    const values = [
      [layout.encodeNumber(7), (value: Buffer) => layout.decodeNumber(layout.versionKey.rev, value)],
      [layout.encodeMeta(7, '{}'), (value: Buffer) => layout.decodeMeta(key, value)],
      [layout.encodeMark({ queueId: 1, nextSeq: 3, headSeq: 2 }), (value: Buffer) => layout.decodeMark(markKey, value)],
    ] as const
    for (const [value, decode] of values) {
      for (let bit = 0; bit < value.length * 8; bit++) {
        const flipped = Buffer.from(value)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(() => decode(flipped)).toThrow(StoreError)
      }
      for (let length = 0; length < value.length; length++) {
        expect(() => decode(value.subarray(0, length))).toThrow(StoreError)
      }
    }
    expect(() => layout.decodeMeta(key, Buffer.alloc(12))).toThrow('the record under the key "ma" is damaged')
  })

  it('refuses to write what is no whole number from 0 up', () => {
    for (const number of [-1, 2 ** 64, Number.NaN, 2 ** 32 + 0.5]) {
      expect(() => layout.encodeNumber(number)).toThrow(expect.objectContaining({ name: 'RangeError' }))
    }
  })
})
