// How far something long is: a bar on stderr with rate and remaining time, on a terminal only. Drawn with cli-progress;
// knows no command.

import type { Output } from './terminal.ts'

/** A bar, or nothing where nobody looks. */
export interface Progress {
  /** So many are done. */
  update(done: number): void
  /** The total has turned out to be another. */
  resize(total: number): void
  /** Takes the bar off the screen, leaving its last state. */
  stop(): void
}

const silent: Progress = { update: () => {}, resize: () => {}, stop: () => {} }

/** What the bar draws on. */
export interface Screen {
  readonly stderr: Output
  readonly now: () => number
}

/** Redraws in a second. */
const FPS = 8

/** Opens a bar; on anything but a terminal, or when it is not wanted, one that draws nothing. */
export async function openProgress(label: string, total: number, screen: Screen, wanted = true): Promise<Progress> {
  if (!wanted || !screen.stderr.isTTY) return silent
  const { default: library } = await import('cli-progress')
  const startedAt = screen.now()
  const bar = new library.SingleBar({
    format: (_, { value, total }) =>
      barLine(label, value, total, screen.now() - startedAt, screen.stderr.columns ?? 80),
    fps: FPS,
    hideCursor: true,
    stream: screen.stderr as NodeJS.WriteStream,
  })
  bar.start(total, 0)
  return {
    update: (done) => bar.update(done),
    resize: (size) => bar.setTotal(size),
    stop: () => bar.stop(),
  }
}

const WIDEST_BAR = 40

/** `import  [#####.....] 1.2k/3.0k  40%  310/s  6s left` in the room there is. */
export function barLine(label: string, done: number, total: number, elapsedMs: number, columns: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0
  const left = rate > 0 && done < total ? `  ${duration((total - done) / rate)} left` : ''
  const tail = `${short(done)}/${short(total)}  ${Math.floor(share * 100)}%  ${short(rate)}/s${left}`
  const room = Math.min(WIDEST_BAR, columns - label.length - tail.length - 6)
  if (room < 5) return `${label}  ${tail}`
  const full = Math.round(room * share)
  return `${label}  [${'#'.repeat(full)}${'.'.repeat(room - full)}]  ${tail}`
}

/** 950, 1.2k, 10M: at most three digits that say something. */
export function short(number: number): string {
  const units = ['', 'k', 'M', 'G', 'T']
  let value = number
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const text = unit === 0 ? String(Math.round(value)) : value < 9.95 ? value.toFixed(1) : String(Math.round(value))
  return `${text}${units[unit]}`
}

/** 45s, 3m20s, 2h05m. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`
  return `${Math.floor(whole / 3600)}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`
}
