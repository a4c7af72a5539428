// When nothing happens any more that can happen without time: turns of the loop in which a count stands still. What the
// peers of a broker in their own processes do meanwhile, nobody here can see.

/** Turns in which nothing happens before that counts as quiet: an octet takes two from one end of a socket to the other. */
const QUIET_TURNS = 5
/** Turns after which it is not waited for any longer: somebody is busy for ever. */
const MOST_TURNS = 5000

/** Resolves when `count` stands still. */
export async function quiet(count: () => number): Promise<void> {
  let last = count()
  for (let turns = 0, still = 0; still < QUIET_TURNS && turns < MOST_TURNS; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
    const now = count()
    still = now === last ? still + 1 : 0
    last = now
  }
}
