// CPU time and memory of a process and its descendants, and CPU time of the whole machine, from /proc (Linux). Elsewhere,
// or for a process that is another user's secret, there are no figures; the rest of the benchmark does without.

import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks of /proc per second: 100 on every Linux that Node runs on. */
const TICKS = 100
const PAGE_KIB = 4
const SAMPLE_MS = 200

/** @returns {{ pid: number, parent: number, cpuSeconds: number, rssKiB: number } | undefined} */
const statOf = (pid) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const cpuTicks = fields[11] + fields[12] + fields[13] + fields[14]
    return { pid, parent: fields[1], cpuSeconds: cpuTicks / TICKS, rssKiB: fields[21] * PAGE_KIB }
  } catch {
    return undefined
  }
}

const familyOf = (pid) => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== undefined)
  const family = new Set(all.filter((stat) => stat.pid === pid).map((stat) => stat.pid))
  for (let before = -1; before < family.size; ) {
    before = family.size
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid)
  }
  return [...family]
}

/** CPU seconds that the machine has worked since it started. */
const machineSeconds = () => {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'latin1')
    .slice(0, 200)
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) / TICKS
}

/** Watches a broker from the moment it is made until `end`. */
export class Usage {
  peakKiB = 0
  #pids = []
  #timer

  /** @param {number | undefined} pid undefined: no figures */
  constructor(pid) {
    if (pid === undefined || process.platform !== 'linux') return
    this.#pids = familyOf(pid)
    if (this.#pids.length === 0) throw new Error(`there is no process ${pid}`)
    this.#timer = setInterval(() => this.read(), SAMPLE_MS)
    this.read()
  }

  /** @returns {{ cpuSeconds: number, rssKiB: number, machineSeconds: number } | undefined} at this moment */
  read() {
    if (this.#pids.length === 0) return undefined
    const stats = this.#pids.map(statOf).filter((stat) => stat !== undefined)
    const cpuSeconds = stats.reduce((total, stat) => total + stat.cpuSeconds, 0)
    const rssKiB = stats.reduce((total, stat) => total + stat.rssKiB, 0)
    this.peakKiB = Math.max(this.peakKiB, rssKiB)
    return { cpuSeconds, rssKiB, machineSeconds: machineSeconds() }
  }

  end() {
    clearInterval(this.#timer)
  }
}
