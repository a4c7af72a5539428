// A broker inside a test: the engine of production over a disk in memory, on a port of its own, that can be isolated from
// other tests, restarted, killed, and moved in time. Knows the lives of the broker; a vhost is test-vhost.ts' concern.

import { randomBytes } from 'node:crypto'
import type { Alarms } from '../broker/alarms.ts'
import type { Broker } from '../broker/broker.ts'
import { dialects } from '../broker/dialect.ts'
import type { Logger } from '../broker/logger.ts'
import { type Config, configWith } from '../config/config.ts'
import type { Changes } from '../config/live.ts'
import { type Leveret, type Stage, startLeveret } from '../leveret.ts'
import { admit } from './admission.ts'
import { type BrokerOptions, checkOptions, settingsOf } from './broker-options.ts'
import { Carriers } from './carriers.ts'
import { type Duration, millisecondsOf } from './duration.ts'
import type { BrokerEvent } from './events.ts'
import { type FaultHost, Faults } from './faults/faults.ts'
import { Findings } from './findings.ts'
import { Isolation } from './isolation.ts'
import { Journal } from './journal.ts'
import { checkNames, type Known } from './known.ts'
import { type LintOptions, lintsIn, undeclared, unlessAllowed } from './lints.ts'
import { ProcessClock } from './process-clock.ts'
import { quiet } from './quiet.ts'
import { TestClock } from './test-clock.ts'
import { type Tenancy, TestStore } from './test-store.ts'
import { TestVhost, type VhostHost } from './test-vhost.ts'

/** What a restart keeps. */
export interface RestartOptions {
  /** false: the broker comes back empty. */
  readonly keepData?: boolean
}

const restartOptions: Known<Required<RestartOptions>> = { keepData: true }

/** How a broker goes and comes back by itself. */
export interface ComeBackOptions extends RestartOptions {
  /** It dies as by a power cut, instead of stopping in order. */
  readonly kill?: boolean
  /** How long it is away, by the real time. */
  readonly downFor?: Duration
}

/** One life of the broker. */
interface Life {
  readonly leveret: Leveret
  readonly broker: Broker
  readonly clock: ProcessClock
  readonly tenancy: Tenancy
}

/** How long peers may take to hang up when the broker stops, milliseconds. */
const FAREWELL_MS = 10
const KEPT_EVENTS = 10_000
/** Letters of a test's name that a vhost has. */
const MOST_NAME = 100
const NOTHING = (): void => {}
const SILENCE: Logger = { debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING }

/** A broker for tests. */
export class TestBroker implements VhostHost, AsyncDisposable {
  readonly journal: Journal
  /** The time of messages. */
  readonly clock: TestClock
  /** The default vhost, `/` with user guest where the settings say nothing else. */
  readonly vhost: TestVhost
  /** What goes wrong. */
  readonly faults: Faults
  readonly findings = new Findings()
  readonly #config: Config
  readonly #options: BrokerOptions
  readonly #store = new TestStore()
  readonly #carriers: Carriers
  #doors: Parameters<Stage['opened']>[0] | null = null
  #life: Life | null = null
  #declaredLast: readonly string[] = []
  #isolations = 0
  #lives = 0
  /** It was told to stop, and is not to come back. */
  #stopped = false
  /** By name; those that are gone are forgotten when another is made. */
  readonly #isolated = new Map<string, Isolation>()
  /** The ports of the first life, which all later ones have as well. */
  #ports: Pick<Config, 'port' | 'httpPort'>
  #comingBack: Promise<void> = Promise.resolve()

  private constructor(options: BrokerOptions) {
    this.#options = options
    this.#config = configWith({ ...settingsOf(options), ...options.settings }, {})
    this.#ports = this.#config
    this.#carriers = new Carriers(() => this.faults.wire, options.noDelay ?? true)
    this.clock = new TestClock(options.clock ?? 'real', () => quiet(() => this.journal.activity))
    this.journal = new Journal(this.clock.messages, options.keepEvents ?? KEPT_EVENTS)
    this.faults = new Faults(this.#faultHost())
    this.journal.fading = (events) => this.findings.add(lintsIn(events))
    this.journal.meddle = (publish) => this.faults.fateOf(publish)
    const { defaultVhost: name, defaultUser: user, defaultPass: password } = this.#config
    this.vhost = new TestVhost(this, { name, user, password })
  }

  /** Starts one; it is ready when this resolves. */
  static async start(options: BrokerOptions = {}): Promise<TestBroker> {
    checkOptions(options)
    const broker = new TestBroker(options)
    await broker.#begin()
    return broker
  }

  // --- how to reach it --------------------------------------------------------------------------------------------

  /** The AMQP URL of the default vhost, with user and password. */
  get url(): string {
    return this.vhost.url
  }

  get address(): string {
    return this.#alive.leveret.urls[0] ?? ''
  }

  /** All addresses, without credentials; AMQP comes first. */
  get urls(): readonly string[] {
    return this.#alive.leveret.urls
  }

  get port(): number {
    return Number(new URL(this.address).port)
  }

  get httpUrl(): string | undefined {
    return this.#alive.leveret.urls.find((url) => url.startsWith('http:'))
  }

  /** Environment variables for a program that is to find this broker. */
  env(): Record<string, string> {
    return this.vhost.env()
  }

  get broker(): Broker {
    return this.#alive.broker
  }

  /** How often it has started. */
  get lives(): number {
    return this.#lives
  }

  /** `dead`: `revive` brings it back; `stopped`: nothing does. */
  get state(): 'running' | 'dead' | 'stopped' {
    if (this.#stopped) return 'stopped'
    return this.#life === null ? 'dead' : 'running'
  }

  get #alive(): Life {
    if (this.#life === null) throw new Error('the broker is not running')
    return this.#life
  }

  // --- what a test does with it -----------------------------------------------------------------------------------

  /**
   * A vhost of the test's own, with a user who may do everything there and nothing elsewhere. Both are named after `name`,
   * in letters that no client gets wrong in a URL.
   */
  async isolate(name = 'test'): Promise<Isolation> {
    const unique = `${plain(name)}-${++this.#isolations}`
    for (const known of this.#isolated.keys()) if (!this.broker.vhosts.has(known)) this.#isolated.delete(known)
    const password = randomBytes(9).toString('base64url')
    const isolated = new Isolation(this, { name: unique, user: unique, password })
    await Promise.all([this.broker.administration.putVhost(unique), admit(this.broker, isolated, [])])
    this.#isolated.set(unique, isolated)
    return isolated
  }

  /** The default vhost, or one that was isolated, by its name. */
  vhostNamed(name: string): TestVhost | undefined {
    if (name === this.vhost.name) return this.vhost
    return this.broker.vhosts.has(name) ? this.#isolated.get(name) : undefined
  }

  /** How many frames from and to clients in a vhost are held back by faults. */
  framesHeld(vhost: string): number {
    let frames = 0
    for (const carrier of this.#carriers) if (carrier.vhost === vhost) frames += carrier.late
    return frames
  }

  /** All that happened in it and is kept, oldest first. */
  events(): readonly BrokerEvent[] {
    return this.journal.events()
  }

  /** Bad practice that was seen since it is there, in all vhosts, also in those that are gone: a line each. */
  lints(options: LintOptions = {}): readonly string[] {
    const now = [...lintsIn(this.journal.events()), ...this.#undeclared()]
    return unlessAllowed([...this.findings.lines, ...now], options)
  }

  /** What of that is about what is declared: in this life, or when the last one ended. */
  #undeclared(): readonly string[] {
    if (this.#life) this.#declaredLast = [...this.#life.broker.vhosts.values()].flatMap(undeclared)
    return this.#declaredLast
  }

  /** Empties the default vhost, deletes all others and their users, and removes all faults. */
  async reset(): Promise<void> {
    await this.faults.clear()
    this.findings.add(this.lints())
    const { administration, users } = this.broker
    for (const { name } of [...users]) if (name !== this.vhost.user) await administration.deleteUser(name)
    for (const name of [...this.broker.vhosts.keys()]) {
      if (name !== this.vhost.name) await administration.deleteVhost(name)
    }
    await this.vhost.reset()
  }

  // --- its lives --------------------------------------------------------------------------------------------------

  /** Stops in order and starts again, on the same port. */
  async restart(options: RestartOptions = {}): Promise<void> {
    checkNames('restart', options, restartOptions)
    const { keepData = true } = options
    await this.#end()
    if (!keepData) this.#erase()
    await this.#begin()
  }

  /** Dies as by a power cut: peers get a reset, what is not stored is lost. */
  async kill(): Promise<void> {
    const { leveret, clock, tenancy } = this.#alive
    this.#undeclared()
    this.#life = null
    this.#doors = null
    clock.cut()
    this.clock.clear()
    await tenancy.cut()
    this.#carriers.reset()
    // Its last words reach nobody: the way to the disk is cut.
    await leveret.stop().catch(NOTHING)
  }

  /** Starts again after `kill`, on the same port. */
  async revive(options: RestartOptions = {}): Promise<void> {
    checkNames('revive', options, restartOptions)
    const { keepData = true } = options
    if (this.state !== 'dead') throw new Error(`the broker is ${this.state}: only a dead one can be revived`)
    if (!keepData) this.#erase()
    await this.#begin()
  }

  #erase(): void {
    this.findings.add(this.#undeclared())
    this.#store.erase()
  }

  /** Restarts, or dies and is revived, without anybody waiting for it: `settled` does. */
  comeBack({ kill = false, downFor = 0, ...options }: ComeBackOptions): void {
    checkNames('comeBack', options, restartOptions)
    const downMs = millisecondsOf(downFor, 'downFor')
    this.#comingBack = this.#comingBack.then(async () => {
      if (kill) await this.kill()
      else await this.#end()
      if (downMs > 0) await new Promise((resolve) => setTimeout(resolve, downMs))
      if (!this.#stopped) await this.revive(options)
    })
  }

  /** Resolves when it is back. */
  settled(): Promise<void> {
    return this.#comingBack
  }

  /** Takes those of other settings that can change while it runs, and says which. They end with this life of it. */
  reload(next: Config): Changes {
    return this.#alive.leveret.reload(next)
  }

  /** Stops it. A second time is none. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.journal.stir()
    if (this.#life !== null) await this.#end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** What faults are done to, in whichever life. */
  #faultHost(): FaultHost {
    const alarms = (): Alarms => this.broker.alarms
    return {
      get alarms() {
        return alarms()
      },
      carriers: this.#carriers,
      store: this.#store,
      refuse: async (refuses) => this.#doors?.refuse(refuses),
    }
  }

  async #begin(): Promise<void> {
    const clock = new ProcessClock()
    const tenancy = this.#store.begin()
    let broker: Broker | null = null
    const stage: Stage = {
      ...this.clock.stage(clock, this.#options.virtualHeartbeats ?? false),
      store: tenancy.store,
      dialect: dialects[this.#config.testCompat],
      trace: this.journal,
      watch: this.journal,
      carry: this.#carriers.carry,
      ready: (started) => {
        broker = started
        // What is declared, who connects and who goes is no event of a message, but tests wait for it.
        started.events.listen(() => this.journal.stir())
      },
      opened: (doors) => {
        this.#doors = doors
        if (this.faults.refusing) void doors.refuse(true)
      },
      routes: async () => {
        const { controlRoutes } = await import('./control/control.ts')
        return controlRoutes(this)
      },
    }
    const leveret = await startLeveret({ ...this.#config, ...this.#ports }, this.#options.logger ?? SILENCE, stage)
    if (broker === null) throw new Error('the broker has started and is not there')
    this.#life = { leveret, broker, clock, tenancy }
    this.#lives++
    // Definitions may have users of their own, and not the one that `url` names.
    if (this.broker.vhosts.has(this.vhost.name)) await admit(this.broker, this.vhost, ['administrator'])
    const { httpUrl, port } = this
    this.#ports = { port, httpPort: httpUrl === undefined ? 'off' : Number(new URL(httpUrl).port) }
    this.journal.stir()
  }

  async #end(): Promise<void> {
    const { leveret, clock } = this.#alive
    this.#undeclared()
    this.#doors = null
    const farewell = setTimeout(() => this.#carriers.close(), FAREWELL_MS)
    try {
      await leveret.stop()
    } finally {
      clearTimeout(farewell)
      clock.cut()
      this.clock.clear()
      this.#life = null
    }
  }
}

/** `name` as it can be in any URL, and not too long for one. */
function plain(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').slice(0, MOST_NAME) || 'test'
}
