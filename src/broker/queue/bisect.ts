// Finds a sequence number among segments that follow each other. Knows first sequences only.

/** The place of the last of `segments`, from place `low` on, that begins with `seq` or before; `low` where none does. */
export function placeOf(segments: readonly { readonly firstSeq: number }[], low: number, seq: number): number {
  let [from, to] = [low, segments.length - 1]
  while (from < to) {
    const middle = (from + to + 1) >> 1
    if ((segments[middle] as { readonly firstSeq: number }).firstSeq <= seq) from = middle
    else to = middle - 1
  }
  return from
}
