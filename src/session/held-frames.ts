// Frames of a channel that came while one of its methods waits for the broker, in order. References only: the bytes of a
// chunk are never changed.

/** What a held frame is: the name of the channel's method that takes it. */
export type FrameKind = 'method' | 'header' | 'bodyPiece' | 'bodyEnd'

/** Takes held frames again. */
export type FrameTaker = (kind: FrameKind, bytes: Buffer, start: number, end: number) => void

/** The frames held back while one method is being carried out. */
export class HeldFrames {
  #frames: { readonly kind: FrameKind; readonly bytes: Buffer; readonly start: number; readonly end: number }[] = []
  #resolve: () => void = () => {}
  /** Resolves when the frames are given back. */
  readonly released: Promise<void> = new Promise((resolve) => {
    this.#resolve = resolve
  })

  get size(): number {
    return this.#frames.length
  }

  add(kind: FrameKind, bytes: Buffer, start: number, end: number): void {
    this.#frames.push({ kind, bytes, start, end })
  }

  /** Gives the frames to `taker`, in order. */
  release(taker: FrameTaker): void {
    for (const { kind, bytes, start, end } of this.#frames) taker(kind, bytes, start, end)
    this.#frames = []
    this.#resolve()
  }
}
