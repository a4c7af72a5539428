// Who is let in: a name and a password, or a name that a certificate proved, held against the accounts; from where somebody
// may come; and how often somebody may be wrong. The one place that answers, for every protocol. Knows no protocol.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { Failures } from './failures.ts'
import { isLoopback, plainAddress } from './loopback.ts'
import { type Hashing, verifyPassword } from './passwords.ts'
import type { Account, Users } from './users.ts'

/** A user may be failed this many times more often than an address may fail: others must not be able to lock one out. */
const PER_USER = 10
/** From this machine as many times more: a program that restarts with a wrong password is no attack. */
const FROM_HERE = 10
/** Pairs of user and address that were let in before. */
const MOST_KNOWN = 10_000
const KEY_BYTES = 32

/** Where somebody comes from. */
export interface Origin {
  /** Without a port. */
  readonly address: string
  readonly loopback: boolean
}

/** Somebody who wants to be let in. */
export interface Attempt extends Origin {
  readonly user: string
  readonly password: string
}

/** `password`: wrong, or of nobody. `place`: not from there. `often`: too many were wrong, this one was not looked at. */
export type RefusalKind = 'password' | 'place' | 'often'

/** Not let in. `why` is for the log, never for the one who asked. */
export class Refusal {
  readonly kind: RefusalKind
  readonly why: string
  /** Milliseconds after which it makes sense to ask again, where it was too often. */
  readonly waitMs: number

  constructor(kind: RefusalKind, why: string, waitMs = 0) {
    this.kind = kind
    this.why = why
    this.waitMs = waitMs
  }
}

/** What became of an attempt. */
export type Outcome = Account | Refusal

/** The rules; all are settings, and may change at any time. */
export interface LoginRules {
  /** Users that may only come in over a loopback address. */
  readonly loopbackUsers: readonly string[]
  /** Wrong passwords that an address may try in a minute; 0: any number. */
  readonly loginFailures: number
  /** How new passwords are hashed. */
  readonly passwordHashing: Hashing
}

/** The rules of a broker that is not told any. */
export const PLAIN_RULES: LoginRules = { loopbackUsers: ['guest'], loginFailures: 0, passwordHashing: 'sha256' }

/** What logins are given. */
export interface LoginsHost {
  readonly users: Users
  readonly rules: LoginRules
  readonly clock: Clock
  readonly random: (count: number) => Buffer
}

/** An attempt without what is to be kept secret. */
type Attempted = Omit<Attempt, 'password'>

/** The door policy of a broker. */
export class Logins {
  /** Told of everybody who is not let in. */
  onRefusal: ((attempt: Attempted, refusal: Refusal) => void) | null = null
  readonly #host: LoginsHost
  readonly #addresses: Failures
  readonly #names: Failures
  /** User and address, let in before: these are not kept out by what others try. */
  readonly #known = new Set<string>()
  /** Of passwords that opened an account with a slow hash: a keyed digest, which is quick to compare. */
  readonly #proven = new WeakMap<Account, Buffer>()
  /** Drawn when it is first needed. */
  #key: Buffer | null = null

  constructor(host: LoginsHost) {
    this.#host = host
    this.#addresses = new Failures(() => host.clock.now())
    this.#names = new Failures(() => host.clock.now())
  }

  /** Lets somebody in by password, or not. Later only where a slow hash has to be computed; never rejects. */
  attempt(attempt: Attempt): Outcome | Promise<Outcome> {
    const outcome = this.#attempt(attempt)
    return outcome instanceof Promise
      ? outcome.then((later) => this.#told(attempt, later))
      : this.#told(attempt, outcome)
  }

  #told(attempt: Attempted, outcome: Outcome): Outcome {
    if (outcome instanceof Refusal) this.onRefusal?.(attempt, outcome)
    return outcome
  }

  #attempt(attempt: Attempt): Outcome | Promise<Outcome> {
    const { user } = attempt
    const tries = this.#take(attempt)
    if (tries instanceof Refusal) return tries
    const finish = (account: Account | undefined): Outcome => {
      if (!account) return new Refusal('password', `wrong password or unknown user '${user}'`)
      tries.giveBack()
      this.#remember(attempt)
      return this.#from(account, attempt)
    }
    const account = this.check(user, attempt.password)
    if (!(account instanceof Promise)) return finish(account)
    return account.then(
      finish,
      (error: unknown) => new Refusal('often', `the password was not checked: ${String(error)}`),
    )
  }

  /** Lets somebody in whom a certificate has proved to be `user`: no password is needed, but the account is. */
  certified(user: string, origin: Origin): Outcome {
    const account = this.#host.users.get(user)
    const outcome = account ? this.#from(account, origin) : new Refusal('password', `unknown user '${user}'`)
    return this.#told({ user, ...origin }, outcome)
  }

  /** The account that `password` opens, wherever it is said; undefined for an unknown user, a wrong or an empty password. */
  check(name: string, password: string): Account | undefined | Promise<Account | undefined> {
    const account = this.#host.users.get(name)
    if (password === '') return undefined
    if (!account) return this.#pretend(password)
    const { passwordHash, hashing } = account
    const isSlow = hashing === 'scrypt'
    if (isSlow && this.#isProven(account, password)) return account
    const outcome = verifyPassword(password, passwordHash, hashing)
    if (typeof outcome === 'boolean') return outcome ? account : undefined
    return outcome.then((right) => {
      if (right) this.#proven.set(account, this.#digest(password))
      return right ? account : undefined
    })
  }

  /** An unknown user is refused no sooner than a wrong password is. */
  #pretend(password: string): undefined | Promise<undefined> {
    const hashing = this.#host.rules.passwordHashing
    const outcome = verifyPassword(password, hashing === 'scrypt' ? NOBODYS : '', hashing)
    return typeof outcome === 'boolean' ? undefined : outcome.then(() => undefined)
  }

  #isProven(account: Account, password: string): boolean {
    const proven = this.#proven.get(account)
    return proven !== undefined && timingSafeEqual(proven, this.#digest(password))
  }

  #digest(password: string): Buffer {
    this.#key ??= this.#host.random(KEY_BYTES)
    return createHmac('sha256', this.#key).update(password, 'utf8').digest()
  }

  #from(account: Account, { loopback }: Origin): Outcome {
    if (loopback || !this.#host.rules.loopbackUsers.includes(account.name)) return account
    return new Refusal('place', `user '${account.name}' may only come from a loopback address`)
  }

  /** Takes a try from the address, and from the user unless the two are known to each other. */
  #take(attempt: Attempt): { giveBack(): void } | Refusal {
    const { loginFailures } = this.#host.rules
    const ofAddress = loginFailures * (attempt.loopback ? FROM_HERE : 1)
    const ofName = loginFailures * PER_USER * (attempt.loopback ? FROM_HERE : 1)
    const address = network(attempt.address)
    const name = this.#known.has(pair(attempt)) ? null : attempt.user
    if (!this.#addresses.take(address, ofAddress)) {
      return new Refusal('often', `too many failed logins from ${address}`, this.#addresses.waitMs(address, ofAddress))
    }
    if (name !== null && !this.#names.take(name, ofName)) {
      this.#addresses.giveBack(address, ofAddress)
      return new Refusal('often', `too many failed logins of user '${name}'`, this.#names.waitMs(name, ofName))
    }
    return {
      giveBack: () => {
        this.#addresses.giveBack(address, ofAddress)
        if (name !== null) this.#names.giveBack(name, ofName)
      },
    }
  }

  #remember(attempt: Attempt): void {
    const known = pair(attempt)
    // Those who come often are kept longest.
    this.#known.delete(known)
    this.#known.add(known)
    const [oldest] = this.#known
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest)
  }
}

/** A slow hash of nothing. */
const NOBODYS = Buffer.concat([Buffer.from([14, 8, 1]), Buffer.alloc(48)]).toString('base64')

function pair({ user, address }: Attempt): string {
  return `${network(address)} ${user}`
}

/** Whoever has one IPv6 address has all that share its first half. */
function network(from: string): string {
  const address = plainAddress(from)
  if (!address.includes(':') || isLoopback(address)) return address
  const [head = ''] = address.split('%')
  const [left = [], right = []] = head.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}
