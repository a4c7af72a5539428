// Bad practice that was seen in what is gone: vhosts that were disposed of or reset, events that are no longer kept. Whoever
// asks at the end of a run is to hear of all of it. Knows lines of text.

/** Lines that are kept: a program that does one thing wrong says so with few, however often it does. */
const MOST_LINES = 1000

/** Lines, each once, the first of them. */
export class Findings {
  readonly #lines = new Set<string>()
  readonly #most: number

  constructor(most = MOST_LINES) {
    this.#most = most
  }

  /** What was found, in the order in which it was. */
  get lines(): readonly string[] {
    return [...this.#lines]
  }

  /** Adds those that are new, as long as there is room. */
  add(lines: Iterable<string>): void {
    for (const line of lines) {
      if (this.#lines.size >= this.#most) return
      this.#lines.add(line)
    }
  }
}
