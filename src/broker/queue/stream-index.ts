// Which chunks a stream has, in order: a row of numbers for each, so that a stream of any size costs tens of octets a chunk.
// Knows numbers only; what is in a chunk is read elsewhere.

import type { StreamChunk } from './stream-summary.ts'

/** The columns of a row. */
const FIRST_SEQ = 0
const COUNT = 1
const BODY_BYTES = 2
const BYTES = 3
const FIRST_AT = 4
const LAST_AT = 5
const SEGMENT = 6
const COLUMNS = 7
const SMALLEST_ROWS = 8

/** The chunks of one stream. Rows are counted from 0, the oldest; the last one may grow. */
export class StreamIndex {
  /** Messages, and octets of their bodies, in all chunks. */
  messages = 0
  bodyBytes = 0
  #cells = new Float64Array(SMALLEST_ROWS * COLUMNS)
  /** Rows before it are gone. */
  #start = 0
  #end = 0

  get size(): number {
    return this.#end - this.#start
  }

  /** The first sequence number of a row's chunk. */
  firstSeq(row: number): number {
    return this.#cell(row, FIRST_SEQ)
  }

  /** How many messages a row's chunk has. */
  count(row: number): number {
    return this.#cell(row, COUNT)
  }

  /** The chunk of a row. */
  chunk(row: number): StreamChunk {
    return {
      firstSeq: this.#cell(row, FIRST_SEQ),
      count: this.#cell(row, COUNT),
      bodyBytes: this.#cell(row, BODY_BYTES),
      bytes: this.#cell(row, BYTES),
      firstAt: this.#cell(row, FIRST_AT),
      lastAt: this.#cell(row, LAST_AT),
      segmentSeq: this.#cell(row, SEGMENT),
    }
  }

  /** Adds a chunk behind all others. */
  push(chunk: StreamChunk): void {
    if (this.#end * COLUMNS === this.#cells.length) this.#makeRoom()
    const at = this.#end++ * COLUMNS
    this.#cells[at + FIRST_SEQ] = chunk.firstSeq
    this.#cells[at + COUNT] = chunk.count
    this.#cells[at + BODY_BYTES] = chunk.bodyBytes
    this.#cells[at + BYTES] = chunk.bytes
    this.#cells[at + FIRST_AT] = chunk.firstAt
    this.#cells[at + LAST_AT] = chunk.lastAt
    this.#cells[at + SEGMENT] = chunk.segmentSeq
    this.messages += chunk.count
    this.bodyBytes += chunk.bodyBytes
  }

  /** The last chunk has one message more: of so many octets, added then; its page has `bytes` octets now. */
  grow(bodyBytes: number, addedAt: number, bytes: number): void {
    const at = (this.#end - 1) * COLUMNS
    ;(this.#cells[at + COUNT] as number)++
    this.#cells[at + BODY_BYTES] = (this.#cells[at + BODY_BYTES] as number) + bodyBytes
    this.#cells[at + BYTES] = bytes
    this.#cells[at + LAST_AT] = addedAt
    this.messages++
    this.bodyBytes += bodyBytes
  }

  /** The row of the first message from `seq` on; -1 where there is none. */
  find(seq: number): number {
    const row = this.#bisect((at) => this.#cell(at, FIRST_SEQ) + this.#cell(at, COUNT) > seq)
    return row < this.size ? row : -1
  }

  /** The row of the chunk that begins with `firstSeq`; -1 where there is none. */
  rowOf(firstSeq: number): number {
    const row = this.find(firstSeq)
    return row >= 0 && this.firstSeq(row) === firstSeq ? row : -1
  }

  /** The row of the first chunk that has a message added at `time` or later; -1 where there is none. */
  findTime(time: number): number {
    const row = this.#bisect((at) => this.#cell(at, LAST_AT) >= time)
    return row < this.size ? row : -1
  }

  /** Takes a chunk out. */
  remove(row: number): void {
    this.messages -= this.#cell(row, COUNT)
    this.bodyBytes -= this.#cell(row, BODY_BYTES)
    if (row === 0) {
      this.#start++
      return
    }
    const at = (this.#start + row) * COLUMNS
    this.#cells.copyWithin(at, at + COLUMNS, this.#end * COLUMNS)
    this.#end--
  }

  /** The first row that `holds`, which all behind it do as well; the number of rows where none does. */
  #bisect(holds: (row: number) => boolean): number {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >> 1
      if (holds(middle)) high = middle
      else low = middle + 1
    }
    return low
  }

  #cell(row: number, column: number): number {
    return this.#cells[(this.#start + row) * COLUMNS + column] as number
  }

  /** Forgets rows that are gone; where that is not enough, takes twice the room. */
  #makeRoom(): void {
    const rows = this.#cells.subarray(this.#start * COLUMNS, this.#end * COLUMNS)
    const { size } = this
    const room = size * 2 > this.#end ? Math.max(size * 2, SMALLEST_ROWS) : this.#end
    const cells = new Float64Array(room * COLUMNS)
    cells.set(rows)
    this.#cells = cells
    this.#start = 0
    this.#end = size
  }
}
