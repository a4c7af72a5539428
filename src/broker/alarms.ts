// Resource alarms (https://www.rabbitmq.com/docs/alarms): while one is on, publishers wait. Knows which are on and who
// wants to hear when none is any more; what raises one, and how a connection is held, is decided elsewhere.

/** What can run low. `store`: the disk has room by its own account, but the store takes nothing. */
export type Resource = 'memory' | 'disk' | 'store'

/** Somebody who waits for the alarms to end. */
export interface AlarmListener {
  alarmsEnded(): void
}

/** The alarms of one broker. */
export class Alarms {
  readonly #changed: (event: 'alarm.set' | 'alarm.cleared', resource: Resource) => void
  readonly #raised = new Set<Resource>()
  #listeners = new Set<AlarmListener>()

  /** @param changed hears of each that is raised or cleared */
  constructor(changed: (event: 'alarm.set' | 'alarm.cleared', resource: Resource) => void = () => {}) {
    this.#changed = changed
  }

  /** Whether any alarm is on. */
  get on(): boolean {
    return this.#raised.size > 0
  }

  /** Whether the alarm of this resource is on. */
  has(resource: Resource): boolean {
    return this.#raised.has(resource)
  }

  /** RabbitMQ's words for connection.blocked (behaviour.md §2.10). */
  get reason(): string {
    const disk = this.#raised.has('disk') || this.#raised.has('store')
    return `low on ${[disk && 'disk', this.#raised.has('memory') && 'memory'].filter(Boolean).join(' & ')}`
  }

  /** Returns whether it was not on before. */
  raise(resource: Resource): boolean {
    const before = this.#raised.size
    const raised = this.#raised.add(resource).size > before
    if (raised) this.#changed('alarm.set', resource)
    return raised
  }

  /** Returns whether it was on. The last one to end is told to all who wait. */
  clear(resource: Resource): boolean {
    const was = this.#raised.delete(resource)
    if (was) this.#changed('alarm.cleared', resource)
    if (!was || this.on) return was
    const listeners = this.#listeners
    this.#listeners = new Set()
    for (const listener of listeners) listener.alarmsEnded()
    return true
  }

  /** `listener` is told once, when no alarm is on any more. */
  await(listener: AlarmListener): void {
    this.#listeners.add(listener)
  }

  forget(listener: AlarmListener): void {
    this.#listeners.delete(listener)
  }
}
