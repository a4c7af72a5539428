// Waiting for what comes of real sockets and disks: by turns of the loop, not by time.

/** So many that nothing that is going to happen has not happened by then. */
const MOST_TURNS = 200_000

/** Resolves when `condition` holds; looks at every turn of the loop. Rejects after very many. */
export async function turnsUntil(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > MOST_TURNS) throw new Error('it never came to that')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
