// The connections that were let in, as the broker sees them: whose they are and where, so that they can be counted against
// limits and ended when their user or their vhost goes (behaviour.md §2.6, §2.8, §4). Knows no sockets and no frames.

import { ConnectionError, NO_METHOD } from '../protocol/reply.ts'
import { ANYTHING } from './access/access.ts'
import type { Users } from './access/users.ts'
import { type Dialect, LEVERET } from './dialect.ts'
import type { EventFields, EventName, Events } from './events.ts'
import type { Firehose } from './firehose.ts'
import { isReached, limitOf, type NodeLimits, type VhostLimits } from './limits.ts'
import type { ConnectionPeer } from './peers.ts'
import type { Owner } from './queue/queue.ts'

/** How limits name this node. */
const NODE = 'leveret'

/** What is known of a connection that is let in. */
export type Guest = Pick<Owner, 'user' | 'vhost' | 'access' | 'end' | 'peer'>

const NOTHING = (): void => {}

/** What declares things and is no connection: the broker itself. */
const BROKER: Guest = { user: '', vhost: '', access: ANYTHING, end: NOTHING }

/** Numbers by name; a name without one counts as 0 and takes no memory. */
class Counts {
  readonly #counts = new Map<string, number>()

  get(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  add(name: string, change: number): void {
    const count = this.get(name) + change
    if (count === 0) this.#counts.delete(name)
    else this.#counts.set(name, count)
  }
}

/** All connections of a broker. */
export class Connections {
  readonly #users: Pick<Users, 'limits'>
  readonly #limits: NodeLimits
  readonly #events: Events | null
  readonly #formerTexts: boolean
  readonly #open = new Map<number, Owner>()
  readonly #ofUsers = new Counts()
  readonly #inVhosts = new Counts()
  readonly #channelsOfUsers = new Counts()
  #size = 0
  #channels = 0
  #entered = 0
  /** Connections and channels that ever came, and that are gone. */
  readonly churn = { opened: 0, closed: 0, channelsOpened: 0, channelsClosed: 0 }

  constructor(
    users: Pick<Users, 'limits'>,
    limits: NodeLimits,
    events: Events | null = null,
    { formerTexts }: Pick<Dialect, 'formerTexts'> = LEVERET,
  ) {
    this.#events = events
    this.#formerTexts = formerTexts
    this.#users = users
    this.#limits = limits
  }

  /** How many there are that have not ended. */
  get size(): number {
    return this.#size
  }

  /** How many of them are in a vhost. */
  countIn(vhost: string): number {
    return this.#inVhosts.get(vhost)
  }

  /** How many channels a user has open. */
  channelsOf(user: string): number {
    return this.#channelsOfUsers.get(user)
  }

  /** How many channels are open. */
  get channels(): number {
    return this.#channels
  }

  /** Those that clients have made. */
  *peers(): Generator<ConnectionPeer> {
    for (const { gone, peer } of this.#open.values()) if (peer && !gone) yield peer
  }

  get(id: number): Owner | undefined {
    return this.#open.get(id)
  }

  // --- who may come -----------------------------------------------------------------------------------------------

  /** Throws `ConnectionError` 530 where the node takes no more connections; asked before all else (§2.6). */
  checkNode(): void {
    if (!this.isFull) return
    throw new ConnectionError(530, `connection refused: node connection limit (${this.most}) is reached`)
  }

  /** Whether the node takes no more connections. */
  get isFull(): boolean {
    return isReached(this.#limits.connectionMax, () => this.#size)
  }

  /** How many the node takes; 0: any number. */
  get most(): number {
    return this.#limits.connectionMax
  }

  /** Throws `ConnectionError` 530 where the vhost, or the user, has as many connections as it may. */
  check(user: string, vhost: { readonly name: string; readonly limits: VhostLimits }): void {
    const inVhost = limitOf(vhost.limits, 'max-connections')
    if (inVhost !== null && this.#inVhosts.get(vhost.name) >= inVhost) {
      const refused = `access to vhost '${vhost.name}' refused for user '${user}'`
      throw new ConnectionError(530, `${refused}: connection limit (${inVhost}) is reached`)
    }
    const ofUser = limitOf(this.#users.limits(user), 'max-connections')
    if (ofUser !== null && this.#ofUsers.get(user) >= ofUser) {
      const refused = `connection refused for user '${user}'`
      throw new ConnectionError(530, `${refused}: user connection limit (${ofUser}) is reached`)
    }
  }

  // --- who is there -----------------------------------------------------------------------------------------------

  /** Counts a connection that is let in. */
  add(guest: Guest = BROKER): Owner {
    const owner: Owner = { ...guest, id: ++this.#entered, exclusiveQueues: new Set(), gone: false }
    this.#open.set(owner.id, owner)
    this.#size++
    this.churn.opened++
    this.#tell('connection.created', owner)
    this.#ofUsers.add(owner.user, 1)
    this.#inVhosts.add(owner.vhost, 1)
    return owner
  }

  /** It has ended: it counts no more, and may still own queues until `forget`. */
  leave(owner: Owner): void {
    if (owner.gone) return
    owner.gone = true
    this.#size--
    this.churn.closed++
    this.#tell('connection.closed', owner)
    this.#ofUsers.add(owner.user, -1)
    this.#inVhosts.add(owner.vhost, -1)
    // A route may still remember a queue of its own; the connection itself is not to be held by that.
    owner.end = NOTHING
    owner.peer = null
  }

  /** It owns nothing any more. */
  forget(owner: Owner): void {
    this.#open.delete(owner.id)
  }

  /** Counts a channel. Throws `ConnectionError` 530 where there are as many as there may be (§4). */
  openChannel(owner: Owner, number = 0): void {
    const { user } = owner
    const { channelMaxPerNode } = this.#limits
    if (isReached(channelMaxPerNode, () => this.#channels)) {
      const most = this.#formerTexts ? `(${channelMaxPerNode})` : channelMaxPerNode
      const text = `number of channels opened on node '${NODE}' has reached the maximum allowed limit of ${most}`
      throw new ConnectionError(530, text, NO_METHOD)
    }
    const limit = limitOf(this.#users.limits(user), 'max-channels')
    if (limit !== null && this.#channelsOfUsers.get(user) >= limit) {
      // A slip of RabbitMQ's before 4.3: it is the node that was named.
      const [whose, most] = this.#formerTexts ? [NODE, `(${limit})`] : [user, limit]
      const text = `number of channels opened for user '${whose}' has reached the maximum allowed user limit of ${most}`
      throw new ConnectionError(530, text, NO_METHOD)
    }
    this.#channels++
    this.churn.channelsOpened++
    this.#tell('channel.created', owner, { number })
    this.#channelsOfUsers.add(user, 1)
  }

  /** A channel that was counted is over. */
  closeChannel(owner: Owner, number = 0): void {
    const { user } = owner
    this.#channels--
    this.churn.channelsClosed++
    this.#tell('channel.closed', owner, { number })
    this.#channelsOfUsers.add(user, -1)
  }

  /** From now on the vhost has this firehose, or none; those who are there publish into it at once. */
  trace(vhost: { readonly name: string; firehose: Firehose | null }, firehose: Firehose | null): void {
    vhost.firehose = firehose
    for (const peer of this.peers()) if (peer.vhost === vhost.name) peer.tracingChanged()
  }

  /** Ends the connections of a user that is deleted. */
  endUser(user: string): void {
    this.#end(`user '${user}' is deleted`, (owner) => owner.user === user)
  }

  /** Ends the connections to a vhost that is deleted. */
  endVhost(vhost: string): void {
    this.#end(`vhost '${vhost}' is deleted`, (owner) => owner.vhost === vhost)
  }

  /** Tells of a client's connection; what else declares things is none. */
  #tell(event: EventName, { peer, user, vhost }: Owner, more: EventFields = {}): void {
    if (!peer) return
    const { name, remote, local, tls, connectedAt, clientProperties } = peer
    this.#events?.tell(event, () => ({
      ...{ name, user, vhost, ...more, peer_host: remote.host, peer_port: remote.port, host: local.host },
      ...{ port: local.port, ssl: tls !== null, protocol: 'AMQP 0-9-1', auth_mechanism: peer.mechanism },
      ...{ connected_at: connectedAt, user_who_performed_action: user },
      ...(event === 'connection.created' ? { client_properties: Object.fromEntries(clientProperties) } : {}),
    }))
  }

  #end(reason: string, chosen: (owner: Owner) => boolean): void {
    for (const owner of this.#open.values()) if (chosen(owner)) owner.end(reason)
  }
}
