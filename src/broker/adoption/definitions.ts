// What a broker can be told to be: everything that is declared or set in it, as somebody wrote it down. Types only.

import type { FieldTable } from '../../protocol/field-table.ts'
import type { Hashing } from '../access/passwords.ts'
import type { Permission, TopicPermission } from '../access/users.ts'
import type { BindingSpec } from '../binding.ts'
import type { UserLimits, VhostLimits } from '../limits.ts'
import type { Parameter } from '../parameters.ts'
import type { PolicyRequest } from '../policy-rules.ts'
import type { Json } from '../term.ts'
import type { VhostSettings } from '../vhost-settings.ts'

/** Where it stands in what was written down, for complaints: `queues[3]`. */
export interface Placed {
  readonly place: string
}

/** A user. With a hash and without a password; or with a password; or with neither, then it keeps what it has. */
export interface DefinedUser extends Placed {
  readonly name: string
  readonly tags: readonly string[]
  readonly password: string | null
  readonly passwordHash: string | null
  readonly hashing: Hashing
  /** null: nothing is said of limits. */
  readonly limits: UserLimits | null
}

/** A vhost; what is not said stays as it is. */
export interface DefinedVhost extends Placed {
  readonly name: string
  readonly settings: Partial<VhostSettings>
  readonly limits: VhostLimits | null
}

/** What a user may do in a vhost. */
export interface DefinedPermission extends Placed, Permission {
  readonly user: string
  readonly vhost: string
}

/** The same for routing keys on one exchange. */
export interface DefinedTopicPermission extends Placed, TopicPermission {
  readonly user: string
  readonly vhost: string
  readonly exchange: string
}

/** A parameter; limits and operator policies are among them. */
export interface DefinedParameter extends Placed, Parameter {
  readonly vhost: string
}

/** A global parameter. */
export interface DefinedGlobal extends Placed {
  readonly name: string
  readonly value: Json
}

/** A policy. */
export interface DefinedPolicy extends Placed, PolicyRequest {
  readonly vhost: string
  readonly name: string
}

/** A queue. */
export interface DefinedQueue extends Placed {
  readonly vhost: string
  readonly name: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly arguments: FieldTable
}

/** An exchange. */
export interface DefinedExchange extends Placed {
  readonly vhost: string
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
  readonly arguments: FieldTable
}

/** A binding. */
export interface DefinedBinding extends Placed, BindingSpec {
  readonly vhost: string
}

/** All of it. */
export interface Definitions {
  readonly vhosts: readonly DefinedVhost[]
  readonly users: readonly DefinedUser[]
  readonly permissions: readonly DefinedPermission[]
  readonly topicPermissions: readonly DefinedTopicPermission[]
  readonly parameters: readonly DefinedParameter[]
  readonly globalParameters: readonly DefinedGlobal[]
  readonly policies: readonly DefinedPolicy[]
  readonly exchanges: readonly DefinedExchange[]
  readonly queues: readonly DefinedQueue[]
  readonly bindings: readonly DefinedBinding[]
}
