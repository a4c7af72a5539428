// From the protocol header to connection.open: who is there, how the two will talk, and into which vhost the peer is
// let (behaviour.md §2.2 to §2.6). Knows methods and the order they have to come in; the bytes are the connection's.

import type { Access } from '../broker/access/access.ts'
import { type Outcome, Refusal } from '../broker/access/logins.ts'
import { readResponse } from '../broker/access/sasl.ts'
import type { Account } from '../broker/access/users.ts'
import type { Topology } from '../broker/topology.ts'
import type { Vhost } from '../broker/vhost.ts'
import type { FieldTable } from '../protocol/field-table.ts'
import type { Method, MethodOf } from '../protocol/methods.ts'
import { ConnectionError, NO_METHOD } from '../protocol/reply.ts'
import type { SessionContext } from './context.ts'
import type { PublishingUser } from './publishing.ts'
import type { Transport } from './transport.ts'

/** The socket is closed without a word, a little later (behaviour.md §18.3). `message` is for the log. */
export class SilentClose extends Error {
  override readonly name = 'SilentClose'
}

/** What of a client's capabilities changes what the server does (behaviour.md §2.3). */
export interface Capabilities {
  readonly authenticationFailureClose: boolean
  readonly consumerCancelNotify: boolean
  readonly connectionBlocked: boolean
}

/** What the two have agreed on. */
export interface Agreement {
  readonly channelMax: number
  readonly frameMax: number
  readonly heartbeatSeconds: number
}

/** Everything known about a peer that was let in. */
export interface Admission extends Agreement {
  readonly user: PublishingUser
  readonly access: Access
  readonly vhost: Vhost
  readonly topology: Topology
  readonly capabilities: Capabilities
  readonly clientProperties: FieldTable
  /** How the peer has logged in. */
  readonly mechanism: string
}

/** What of a transport says who may be at its other end. */
export type Whence = Pick<Transport, 'address' | 'loopback' | 'secured'>

/** One handshake: give it the methods that arrive on channel 0, in order. */
export class Handshake {
  readonly #context: SessionContext
  readonly #from: Whence
  #clientProperties: FieldTable = new Map()
  /** Whether connection.start-ok has come. */
  #answered = false
  #mechanism = ''
  #user: Account | null = null
  #agreement: Agreement | null = null

  constructor(context: SessionContext, from: Whence) {
    this.#context = context
    this.#from = from
  }

  /** Whether connection.tune-ok has come: only connection.open is missing. */
  get tuned(): boolean {
    return this.#agreement !== null
  }

  get capabilities(): Capabilities {
    const given = this.#clientProperties.get('capabilities')
    const has = (name: string): boolean => given?.tag === 'F' && given.value.get(name)?.value === true
    return {
      authenticationFailureClose: has('authentication_failure_close'),
      consumerCancelNotify: has('consumer_cancel_notify'),
      connectionBlocked: has('connection.blocked'),
    }
  }

  /**
   * connection.start-ok. Returns the connection.tune to send, later where a password takes its time. Throws, or rejects
   * with, `SilentClose` or `ConnectionError` 403.
   */
  startOk(method: MethodOf<'connection.start-ok'>): Method | Promise<Method> {
    if (this.#answered) throw outOfOrder(method)
    this.#answered = true
    this.#clientProperties = method.clientProperties
    const { mechanism } = method
    this.#mechanism = mechanism
    const outcome = this.#outcome(mechanism, Buffer.from(method.response))
    if (outcome instanceof Promise) return outcome.then((later) => this.#tune(mechanism, later))
    return this.#tune(mechanism, outcome)
  }

  #outcome(mechanism: string, response: Buffer): Outcome | Promise<Outcome> {
    const { broker, limits } = this.#context
    if (mechanism === 'ANONYMOUS') return this.#anonymous()
    if (!limits.authMechanisms.some((each) => each === mechanism)) throw unusable(mechanism)
    if (mechanism === 'EXTERNAL') return this.#certified()
    const credentials = readResponse(mechanism, response)
    if (!credentials) throw unusable(mechanism)
    const { address, loopback } = this.#from
    return broker.logins.attempt({ ...credentials, address, loopback })
  }

  /** All who do not say who they are: whom the setting names. */
  #anonymous(): Outcome {
    const { broker, limits } = this.#context
    if (limits.anonymousLoginUser === null || !broker.dialect.offersAnonymous) throw unusable('ANONYMOUS')
    return broker.logins.certified(limits.anonymousLoginUser, this.#from)
  }

  /** The account that the certificate names. */
  #certified(): Outcome {
    const { secured } = this.#from
    if (!secured) throw unusable('EXTERNAL')
    const { certificate } = secured
    // It was not offered. RabbitMQ offers it all the same, and refuses the login, which tells people more than silence.
    if (!certificate) return new Refusal('password', 'no certificate was shown')
    const { user, subject } = certificate
    if (user === null) return new Refusal('password', `the certificate of '${subject}' names no user`)
    return this.#context.broker.logins.certified(user, this.#from)
  }

  #tune(mechanism: string, outcome: Outcome): Method {
    const { census, events } = this.#context.broker
    const fields = { protocol: 'AMQP 0-9-1', auth_mechanism: mechanism, peer_host: this.#from.address }
    if (outcome instanceof Refusal) {
      census.loginsRefused++
      events.tell('user.authentication.failure', () => ({ ...fields, error: outcome.why }))
      throw this.#refusal(mechanism, outcome.why)
    }
    census.loginsAccepted++
    events.tell('user.authentication.success', () => ({ ...fields, name: outcome.name }))
    this.#user = outcome
    const { channelMax, frameMax, heartbeatSeconds } = this.#context.limits
    return { name: 'connection.tune', channelMax, frameMax, heartbeat: heartbeatSeconds }
  }

  #refusal(mechanism: string, why: string): Error {
    if (!this.capabilities.authenticationFailureClose) return new SilentClose(why)
    this.#context.logger.warn({ why }, 'login refused')
    const text = `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`
    return new ConnectionError(403, text, NO_METHOD)
  }

  /** connection.tune-ok. Throws `SilentClose` when it asks for more than was offered (behaviour.md §2.5). */
  tuneOk(method: MethodOf<'connection.tune-ok'>): Agreement {
    if (!this.#user) throw outOfOrder(method)
    const { channelMax, frameMax, heartbeat } = method
    const { limits } = this.#context
    if (channelMax === 0 || channelMax > limits.channelMax) {
      throw new SilentClose(`channel-max ${channelMax} is not between 1 and ${limits.channelMax}`)
    }
    const { smallestFrame } = this.#context.broker.dialect
    if (frameMax < smallestFrame || frameMax > limits.frameMax) {
      throw new SilentClose(`frame-max ${frameMax} is not between ${smallestFrame} and ${limits.frameMax}`)
    }
    this.#agreement = { channelMax, frameMax, heartbeatSeconds: heartbeat }
    return this.#agreement
  }

  /** connection.open. Throws `SilentClose`, or `ConnectionError` 530 when the vhost is not for this user. */
  open(method: MethodOf<'connection.open'>): Admission {
    const user = this.#user
    if (!user || !this.#agreement) throw outOfOrder(method)
    const name = method.virtualHost
    const { connections } = this.#context.broker
    connections.checkNode()
    const vhost = this.#context.broker.vhost(name)
    if (!vhost) throw new ConnectionError(530, `vhost ${name} not found`)
    connections.check(user.name, vhost)
    if (!this.#context.broker.users.permission(user.name, name)) {
      throw new ConnectionError(530, `access to vhost '${name}' refused for user '${user.name}'`)
    }
    return {
      ...this.#agreement,
      user: { name: user.name, impersonator: user.tags.includes('impersonator') },
      access: this.#context.broker.access(user.name, name),
      vhost,
      topology: this.#context.broker.topology(vhost),
      capabilities: this.capabilities,
      clientProperties: this.#clientProperties,
      mechanism: this.#mechanism,
    }
  }
}

function unusable(mechanism: string): SilentClose {
  return new SilentClose(`no usable ${mechanism} response`)
}

/** A method that may not come at this point of the handshake. */
export function outOfOrder(method: Method): SilentClose {
  return new SilentClose(`${method.name} is out of order`)
}
