// How much of a stream is kept (behaviour.md §11, "retention"): by whole segments, oldest first, and never the one that is
// being written. Pure numbers; which chunks a segment has is the log's concern.

/** Octets of a segment where nothing else was said. */
export const DEFAULT_SEGMENT_BYTES = 500_000_000

/** Chunks that go together. */
export interface StreamSegment {
  readonly firstSeq: number
  bytes: number
  /** When its last message was added, milliseconds since 1970. */
  lastAt: number
}

/** What may be kept; null: anything. */
export interface Retention {
  readonly maxBytes: number | null
  readonly maxAgeMs: number | null
}

/** How many segments, the oldest ones, are to go. */
export function expendable(segments: readonly StreamSegment[], { maxBytes, maxAgeMs }: Retention, now: number): number {
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  let going = 0
  for (const segment of segments.slice(0, -1)) {
    const large = maxBytes !== null && bytes > maxBytes
    const old = maxAgeMs !== null && segment.lastAt + maxAgeMs < now
    if (!large && !old) break
    bytes -= segment.bytes
    going++
  }
  return going
}

/** When the next segment becomes too old, milliseconds since 1970; null: none will. */
export function nextAging(segments: readonly StreamSegment[], { maxAgeMs }: Retention): number | null {
  const [oldest, next] = segments
  return oldest === undefined || next === undefined || maxAgeMs === null ? null : oldest.lastAt + maxAgeMs + 1
}
