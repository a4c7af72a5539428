// Reads MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) into what JSON can hold: octets become
// base64, whole numbers beyond the safe ones text. Only reads; knows no message.

/** Reads one value that is the whole of these octets. Throws `RangeError` for anything else. */
export function decodeMsgpack(octets: Buffer): unknown {
  const reader = new Reader(octets)
  const value = reader.value(0)
  reader.assertEnd()
  return value
}

/** Deeper nesting is taken for garbage: it would end in a stack overflow. */
const DEEPEST = 100

class Reader {
  readonly #octets: Buffer
  #at = 0

  constructor(octets: Buffer) {
    this.#octets = octets
  }

  assertEnd(): void {
    if (this.#at !== this.#octets.length) throw new RangeError(`${this.#octets.length - this.#at} octets are left`)
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) throw new RangeError('nested too deeply')
    const tag = this.#uint(1)
    if (tag < 0x80) return tag
    if (tag < 0x90) return this.#map(tag & 0x0f, depth)
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth)
    if (tag < 0xc0) return this.#text(tag & 0x1f)
    if (tag >= 0xe0) return tag - 0x100
    return this.#tagged(tag, depth)
  }

  // long: a flat switch over the tags of the specification
  #tagged(tag: number, depth: number): unknown {
    switch (tag) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#uint(1 << (tag - 0xc4))).toString('base64')
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#uint(1 << (tag - 0xc7)))
      case 0xca:
        return this.#take(4).readFloatBE()
      case 0xcb:
        return this.#take(8).readDoubleBE()
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(1 << (tag - 0xcc))
      case 0xcf:
        return whole(this.#take(8).readBigUInt64BE())
      case 0xd0:
      case 0xd1:
      case 0xd2: {
        const size = 1 << (tag - 0xd0)
        return this.#take(size).readIntBE(0, size)
      }
      case 0xd3:
        return whole(this.#take(8).readBigInt64BE())
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (tag - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(1 << (tag - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(2 << (tag - 0xdc)), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(2 << (tag - 0xde)), depth)
      default:
        throw new RangeError(`no value begins with 0x${tag.toString(16)}`)
    }
  }

  #array(count: number, depth: number): unknown {
    const values: unknown[] = []
    for (let index = 0; index < count; index++) values.push(this.value(depth + 1))
    return values
  }

  #map(count: number, depth: number): unknown {
    const entries: [string, unknown][] = []
    for (let index = 0; index < count; index++) {
      const key = this.value(depth + 1)
      entries.push([typeof key === 'string' ? key : JSON.stringify(key), this.value(depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  #extension(length: number): unknown {
    const type = this.#take(1).readInt8()
    return { type, data: this.#take(length).toString('base64') }
  }

  #text(length: number): string {
    return this.#take(length).toString('utf8')
  }

  #uint(size: number): number {
    return this.#take(size).readUIntBE(0, size)
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#octets.length) throw new RangeError('the octets end within a value')
    this.#at += length
    return this.#octets.subarray(this.#at - length, this.#at)
  }
}

function whole(value: bigint): number | string {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)
}
