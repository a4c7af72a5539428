// Frames of a channel that came while one of its methods waits for the broker, in order, as copies: the octets that they
// came in are used again for the next ones.

/** Octets that were copied already: frames are held again when one of those given back waits in its turn. */
const owned = new WeakSet<Buffer>()

/** Takes held frames again. */
export type FrameTaker = (type: number, bytes: Buffer, start: number, end: number) => void

/** The frames held back while one method is being carried out. */
export class HeldFrames {
  #frames: { readonly type: number; readonly bytes: Buffer }[] = []
  #resolve: () => void = () => {}
  /** Resolves when the frames are given back. */
  readonly released: Promise<void> = new Promise((resolve) => {
    this.#resolve = resolve
  })

  get size(): number {
    return this.#frames.length
  }

  add(type: number, bytes: Buffer, start: number, end: number): void {
    if (owned.has(bytes)) {
      this.#frames.push({ type, bytes })
      return
    }
    const copy = Buffer.from(bytes.subarray(start, end))
    owned.add(copy)
    this.#frames.push({ type, bytes: copy })
  }

  /** Gives the frames to `taker`, in order. */
  release(taker: FrameTaker): void {
    for (const { type, bytes } of this.#frames) taker(type, bytes, 0, bytes.length)
    this.#frames = []
    this.#resolve()
  }
}
