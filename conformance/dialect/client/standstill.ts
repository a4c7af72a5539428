// When this process had no time to run, so that what is measured of a broker leaves that out. Knows its own loop; no broker
// and no connection.

/** How often time is looked at, and what between two looks is more than a busy machine, milliseconds. */
const lookMs = 200
const standstillMs = 1000
let lookedMs = performance.now()
/** The last two turns of the loop that a timer had: what is read now had not come by the first of them. */
let turns = [lookedMs, lookedMs] as const
const standstills: { readonly fromMs: number; readonly toMs: number }[] = []
setInterval(() => {
  turns = [turns[1], performance.now()]
  look()
}, lookMs).unref()

function look(): void {
  const nowMs = performance.now()
  if (nowMs - lookedMs > standstillMs) standstills.push({ fromMs: lookedMs + lookMs, toMs: nowMs })
  lookedMs = nowMs
}

/**
 * Whether something took `limitMs` at the most, between two times on the clock of performance.now(). While the machine
 * stands still no broker does anything, and ours then begins its waits for a peer anew.
 */
export function tookAtMost(limitMs: number, sinceMs: number, untilMs: number): boolean {
  look()
  const within = standstills.map(({ fromMs, toMs }) => Math.min(toMs, untilMs) - Math.max(fromMs, sinceMs))
  const allowed = within.filter((ms) => ms > 0).reduce((sum, ms) => sum + ms + limitMs, limitMs)
  return untilMs - sinceMs <= allowed
}

/** The last time of which it is sure that nothing had come that is read only now, on the clock of performance.now(). */
export function turnBefore(): number {
  return turns[0]
}
