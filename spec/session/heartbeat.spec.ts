// Heartbeats (behaviour.md §2.9): when one is sent, and when a silent peer is given up, in made-up seconds.

import { Heartbeat } from '../../src/session/heartbeat.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** A heartbeat whose connection does what the spec says; `beats` are the milliseconds at which one was sent. */
class Watched {
  readonly clock = new ManualClock(0)
  readonly beats: number[] = []
  silentAt: number | null = null
  sent = 0
  received = 0
  paused = false
  readonly heartbeat: Heartbeat

  constructor(seconds: number) {
    this.heartbeat = new Heartbeat(this.clock, seconds, {
      sent: () => this.sent,
      received: () => this.received,
      paused: () => this.paused,
      sendHeartbeat: () => this.sendHeartbeat(),
      silent: () => this.silent(),
    })
  }

  /** As a connection does, the heartbeat counts as sent at the end of the turn. */
  sendHeartbeat(): void {
    this.beats.push(this.clock.now())
    this.clock.soon(() => void this.sent++)
  }

  silent(): void {
    this.silentAt = this.clock.now()
    this.heartbeat.stop()
  }

  /** Lets time pass; `everyMs` something happens. */
  pass(ms: number, everyMs = ms, happens = () => {}): void {
    for (let passed = 0; passed < ms; passed += everyMs) {
      this.clock.advance(everyMs)
      this.clock.endTurn()
      happens()
    }
  }
}

describe('a heartbeat', () => {
  it('is sent after half the interval and again after each half, if nothing else is', () => {
    const watched = new Watched(10)
    watched.pass(20_000, 500, () => void watched.received++)
    expect(watched.beats).toEqual([5000, 10_000, 15_000, 20_000])
  })

  it('is not sent for a half-interval in which something else was written', () => {
    const watched = new Watched(10)
    watched.pass(9900, 100)
    watched.sent++
    watched.pass(10_100, 100)
    expect(watched.beats).toEqual([5000, 15_000, 20_000])
  })

  it('is sent no second time while there is always something to write', () => {
    const watched = new Watched(2)
    watched.pass(10_000, 250, () => void watched.sent++)
    expect(watched.beats).toEqual([1000])
  })

  it('is neither sent nor expected when the interval is 0', () => {
    const watched = new Watched(0)
    expect(watched.clock.timers).toBe(0)
    watched.pass(1_000_000, 100_000)
    expect([watched.beats, watched.silentAt]).toEqual([[], null])
  })

  it('leaves no timer behind when it is stopped', () => {
    const watched = new Watched(10)
    watched.pass(7000, 1000)
    watched.heartbeat.stop()
    expect(watched.clock.timers).toBe(0)
  })
})

describe('a silent peer', () => {
  it.each([1, 3, 60])('is given up between two and three intervals after its last octet, interval %i s', (seconds) => {
    const watched = new Watched(seconds)
    const interval = seconds * 1000
    const spoke = interval * 4.25
    watched.pass(spoke, 250, () => void watched.received++)
    watched.pass(interval * 10, 250)
    expect((watched.silentAt ?? 0) - spoke).toBeGreaterThanOrEqual(2 * interval - 250)
    expect((watched.silentAt ?? 0) - spoke).toBeLessThanOrEqual(3 * interval)
  })

  it('that never spoke is given up at the third interval', () => {
    const watched = new Watched(1)
    watched.pass(10_000, 250)
    expect(watched.silentAt).toBe(3000)
  })

  it('is not given up while anything arrives within two intervals', () => {
    const watched = new Watched(2)
    watched.pass(100_000, 3900, () => void watched.received++)
    expect(watched.silentAt).toBeNull()
  })

  it('is not given up when it was this process that stood still, and hears from it at once', () => {
    const watched = new Watched(2)
    watched.pass(4000, 250, () => void watched.received++)
    for (const _ of [1, 2, 3, 4]) {
      watched.clock.standStill(10_000)
      watched.clock.endTurn()
    }
    expect(watched.silentAt).toBeNull()
    expect(watched.beats.at(-1)).toBe(44_000)
    watched.pass(10_000, 250)
    expect(watched.silentAt).not.toBeNull()
  })

  it('is not given up while it is not read from, and has its time again afterwards', () => {
    const watched = new Watched(2)
    watched.paused = true
    watched.pass(60_000, 1000)
    expect(watched.silentAt).toBeNull()
    watched.paused = false
    watched.pass(10_000, 1000)
    expect(watched.silentAt).toBe(64_000)
  })
})
