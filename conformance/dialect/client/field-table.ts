// Field tables and primitive fields of AMQP 0-9-1 as bytes, for the test client alone. Lenient by design: a scenario may
// put raw bytes where a table belongs. May not know methods, frames or sockets.

/** A tagged field value: the type letter on the wire and the value (numbers, strings, booleans, arrays, tables). */
export type Tagged = readonly [tag: string, value: unknown]

/**
 * What a scenario may write as a field value: a tagged value, or the short forms string = `S`, number = `I`,
 * boolean = `t`, null = `V`, object = `F`.
 */
export type Field = Tagged | string | number | boolean | null | Table

/** A field table, in the order of its keys; as a list of pairs when a key must repeat. */
export type Table = { readonly [key: string]: Field }

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

/** A number as `size` bytes, big endian, two's complement. Size 8 takes numbers and bigints. */
export function integer(value: number | bigint, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  const wide = BigInt.asUintN(size * 8, BigInt(value))
  for (let at = 0; at < size; at++) bytes[at] = Number((wide >> BigInt(8 * (size - 1 - at))) & 0xffn)
  return bytes
}

/** A shortstr: one length octet, then UTF-8, or the given bytes as they are. */
export function shortstr(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? utf8(value) : value
  if (bytes.length > 255) throw new Error(`a shortstr of ${bytes.length} bytes`)
  return Buffer.concat([integer(bytes.length, 1), bytes])
}

/** A longstr: four length octets, then the bytes. */
export function longstr(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? utf8(value) : value
  return Buffer.concat([integer(bytes.length, 4), bytes])
}

function tagged(value: Field): Tagged {
  if (Array.isArray(value)) return value as unknown as Tagged
  if (value === null) return ['V', null]
  if (typeof value === 'string') return ['S', value]
  if (typeof value === 'number') return ['I', value]
  if (typeof value === 'boolean') return ['t', value]
  return ['F', value]
}

const integerSizes: Readonly<Record<string, number>> = { b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, l: 8, L: 8, T: 8 }

function float(value: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(size)
  if (size === 4) bytes.writeFloatBE(value)
  else bytes.writeDoubleBE(value)
  return bytes
}

function payload(tag: string, value: unknown): Buffer {
  const size = integerSizes[tag]
  if (size !== undefined) return integer(value as number | bigint, size)
  switch (tag) {
    case 't':
      return integer(typeof value === 'number' ? value : value === true ? 1 : 0, 1)
    case 'f':
      return float(value as number, 4)
    case 'd':
      return float(value as number, 8)
    case 'D': {
      const [scale, digits] = value as readonly [number, number]
      return Buffer.concat([integer(scale, 1), integer(digits, 4)])
    }
    case 'S':
    case 'x':
      return longstr(value as string | Buffer)
    case 'A':
      return longstr(Buffer.concat((value as readonly Field[]).map(fieldBytes)))
    case 'F':
      return table(value as Table)
    case 'V':
      return Buffer.alloc(0)
    default:
      // An unknown letter, for the scenarios that need one: the value is bytes.
      return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
  }
}

/** A field value with its type letter in front. */
export function fieldBytes(value: Field): Buffer {
  const [tag, inner] = tagged(value)
  return Buffer.concat([Buffer.from(tag, 'latin1'), payload(tag, inner)])
}

/** The pairs of a table without its length. */
export function tablePairs(value: Table | readonly (readonly [string, Field])[]): Buffer {
  const pairs = Array.isArray(value) ? value : Object.entries(value)
  return Buffer.concat(pairs.flatMap(([key, field]) => [shortstr(key), fieldBytes(field)]))
}

/** A table with its length in front. Bytes are taken as the table's content, right or wrong. */
export function table(value: Table | Buffer | readonly (readonly [string, Field])[]): Buffer {
  return longstr(Buffer.isBuffer(value) ? value : tablePairs(value))
}

/** Reads primitives from one buffer, front to back. Throws RangeError past the end. */
export class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(size: number): Buffer {
    if (size > this.left) throw new RangeError(`${size} bytes wanted, ${this.left} left`)
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }

  uint(size: number): number {
    return Number(BigInt(`0x${this.take(size).toString('hex')}`))
  }

  int(size: number): number {
    return Number(BigInt.asIntN(size * 8, BigInt(`0x${this.take(size).toString('hex')}`)))
  }

  shortstr(): string {
    return this.take(this.uint(1)).toString('utf8')
  }

  longstr(): string {
    return this.take(this.uint(4)).toString('utf8')
  }

  /** A table as pairs, so that order and repeated keys stay visible. */
  table(): [string, Tagged][] {
    const inner = new Reader(this.take(this.uint(4)))
    const pairs: [string, Tagged][] = []
    while (inner.left > 0) pairs.push([inner.shortstr(), inner.field()])
    return pairs
  }

  field(): Tagged {
    const tag = this.take(1).toString('latin1')
    return [tag, this.#value(tag)]
  }

  #value(tag: string): unknown {
    const size = integerSizes[tag]
    if (size !== undefined) return 'BuiT'.includes(tag) ? this.uint(size) : this.int(size)
    switch (tag) {
      case 't':
        return this.uint(1) !== 0
      case 'f':
        return this.take(4).readFloatBE()
      case 'd':
        return this.take(8).readDoubleBE()
      case 'D':
        return [this.uint(1), this.int(4)]
      case 'S':
        return this.longstr()
      case 'x':
        return this.take(this.uint(4))
      case 'A': {
        const inner = new Reader(this.take(this.uint(4)))
        const items: Tagged[] = []
        while (inner.left > 0) items.push(inner.field())
        return items
      }
      case 'F':
        return this.table()
      case 'V':
        return null
      default:
        throw new RangeError(`field type ${tag}`)
    }
  }
}
