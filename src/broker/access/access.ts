// What one user may do in one vhost: three patterns for names of queues and exchanges, and patterns for routing keys where
// some are set (behaviour.md §13.1). Knows the user's permissions; which operation needs which is known where it is
// carried out.

import { ChannelError, exchangeText, queueText } from '../../protocol/reply.ts'
import type { Logger } from '../logger.ts'
import { countsAsNone, limitedPattern, type TooLong } from './limited-pattern.ts'
import { type Pattern, PatternError } from './pattern.ts'
import type { Permission, TopicPermission } from './users.ts'

/** Names whose answers are remembered, for each permission; beyond, all are forgotten. */
const REMEMBERED_NAMES = 1000
const EVERYTHING = '.*'

/** What somebody who asks for something may do. All methods throw `ChannelError` 403 where it is refused. */
export interface Access {
  /** Whether nothing that is written to an exchange has to be asked about. */
  readonly writesAnywhere: boolean
  queue(permission: keyof Permission, name: string): void
  exchange(permission: keyof Permission, name: string): void
  /** Whether `queue('read', name)` is allowed. */
  reads(name: string): boolean
  /** Any of the three permissions will do: passive declarations. */
  queueInAnyWay(name: string): void
  exchangeInAnyWay(name: string): void
  /** Whether routing keys are restricted on this exchange, which is of type topic. */
  restrictsTopics(exchange: string): boolean
  topic(permission: keyof TopicPermission, exchange: string, key: string): void
}

/** The access of the broker itself. */
export const ANYTHING: Access = {
  writesAnywhere: true,
  queue: () => {},
  exchange: () => {},
  reads: () => true,
  queueInAnyWay: () => {},
  exchangeInAnyWay: () => {},
  restrictsTopics: () => false,
  topic: () => {},
}

/** Where permissions are looked up. */
export interface Permissions {
  /** Grows with every change. */
  readonly generation: number
  permission(user: string, vhost: string): Permission | undefined
  topicPermissions(user: string, vhost: string): ReadonlyMap<string, TopicPermission>
}

/** A user's access to a vhost. Patterns are compiled once and answers remembered, until a permission changes. */
export class UserAccess implements Access {
  readonly #permissions: Permissions
  readonly #user: string
  readonly #vhost: string
  readonly #tooLong: TooLong
  #generation = -1
  #rules: Rules = NO_RULES
  #topics: ReadonlyMap<string, TopicRules> = new Map()

  /** @param logger is told of patterns that take too long */
  constructor(permissions: Permissions, user: string, vhost: string, logger: Pick<Logger, 'warn'> | null = null) {
    this.#permissions = permissions
    this.#user = user
    this.#vhost = vhost
    this.#tooLong = countsAsNone(logger)
  }

  get writesAnywhere(): boolean {
    return this.#current().write.everything
  }

  queue(permission: keyof Permission, name: string): void {
    if (!this.#current()[permission].allows(name)) throw this.#refused(permission, queueText(name, this.#vhost))
  }

  exchange(permission: keyof Permission, name: string): void {
    const asked = exchangeName(name)
    if (!this.#current()[permission].allows(asked)) throw this.#refused(permission, exchangeText(asked, this.#vhost))
  }

  reads(name: string): boolean {
    return this.#current().read.allows(name)
  }

  queueInAnyWay(name: string): void {
    if (!this.#allowsAny(name)) throw this.#refused('', queueText(name, this.#vhost))
  }

  exchangeInAnyWay(name: string): void {
    const asked = exchangeName(name)
    if (!this.#allowsAny(asked)) throw this.#refused('', exchangeText(asked, this.#vhost))
  }

  restrictsTopics(exchange: string): boolean {
    this.#current()
    return this.#topics.has(exchange)
  }

  topic(permission: keyof TopicPermission, exchange: string, key: string): void {
    this.#current()
    const rules = this.#topics.get(exchange)
    if (!rules || rules[permission].allows(key)) return
    throw this.#refused(permission, `topic '${key}' in ${exchangeText(exchange, this.#vhost)}`)
  }

  #allowsAny(name: string): boolean {
    const { configure, write, read } = this.#current()
    return configure.allows(name) || write.allows(name) || read.allows(name)
  }

  /** The rules as they are now. */
  #current(): Rules {
    const { generation } = this.#permissions
    if (generation === this.#generation) return this.#rules
    const permission = this.#permissions.permission(this.#user, this.#vhost)
    const rule = (pattern: string): Rule => ruleOf(pattern, this.#tooLong)
    this.#rules = permission
      ? { configure: rule(permission.configure), write: rule(permission.write), read: rule(permission.read) }
      : NO_RULES
    const topics = this.#permissions.topicPermissions(this.#user, this.#vhost)
    this.#topics = new Map(
      [...topics].map(([exchange, { write, read }]) => [
        exchange,
        { write: this.#expanded(write), read: this.#expanded(read) },
      ]),
    )
    this.#generation = generation
    return this.#rules
  }

  /** The names go into the pattern as they are, like in RabbitMQ. One that they make no pattern of allows nothing. */
  #expanded(pattern: string): Rule {
    try {
      const expanded = pattern.replaceAll('{username}', () => this.#user).replaceAll('{vhost}', () => this.#vhost)
      return ruleOf(expanded, this.#tooLong)
    } catch (error) {
      if (error instanceof PatternError) return NOTHING
      throw error
    }
  }

  #refused(permission: string, what: string): ChannelError {
    const access = permission === '' ? 'access' : `${permission} access`
    return new ChannelError(403, `${access} to ${what} refused for user '${this.#user}'`)
  }
}

/** What the names of resources, or routing keys, have to be like. */
class Rule {
  /** It refuses nothing. */
  readonly everything: boolean
  readonly #pattern: Pattern
  readonly #answers = new Map<string, boolean>()

  constructor(pattern: Pattern, everything: boolean) {
    this.#pattern = pattern
    this.everything = everything
  }

  allows(name: string): boolean {
    if (this.everything) return true
    const known = this.#answers.get(name)
    if (known !== undefined) return known
    const answer = this.#pattern.matches(name)
    if (this.#answers.size >= REMEMBERED_NAMES) this.#answers.clear()
    this.#answers.set(name, answer)
    return answer
  }
}

type Rules = { readonly [permission in keyof Permission]: Rule }
type TopicRules = { readonly [permission in keyof TopicPermission]: Rule }

const NOTHING = new Rule({ matches: () => false }, false)
const NO_RULES: Rules = { configure: NOTHING, write: NOTHING, read: NOTHING }

/** An empty pattern matches the empty name only. */
function ruleOf(pattern: string, tooLong: TooLong): Rule {
  return new Rule(limitedPattern(pattern === '' ? '^$' : pattern, tooLong), pattern === EVERYTHING)
}

/** Permissions know the default exchange by another name. */
function exchangeName(name: string): string {
  return name === '' ? 'amq.default' : name
}
