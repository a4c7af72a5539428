// A broker written down as RabbitMQ does it (ecosystem.md §2.3), so that either can be made of it again. Exclusive queues
// and what every vhost has are left out, as there. Knows the broker's tables; not who asks for it.

import type { Broker } from '../../broker/broker.ts'
import { parametersOf } from '../../broker/parameters.ts'
import type { Json } from '../../broker/term.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { type JsonObject, jsonOfTable } from '../field-json.ts'
import { HASHING_PREFIX } from './read.ts'

/** What the broker is called in its exports. */
export interface Versions {
  /** The version of RabbitMQ that it behaves as. */
  readonly rabbit: string
  readonly product: string
}

/** The whole broker. */
export function exportBroker(broker: Broker, versions: Versions): JsonObject {
  const vhosts = byName(broker.vhosts.values())
  return {
    rabbit_version: versions.rabbit,
    rabbitmq_version: versions.rabbit,
    product_name: 'Leveret',
    product_version: versions.product,
    users: users(broker),
    vhosts: vhosts.map(vhostOf),
    permissions: permissions(broker),
    topic_permissions: topicPermissions(broker),
    parameters: vhosts.flatMap((vhost) => parameters(vhost, { vhost: vhost.name })),
    global_parameters: [...broker.globalParameters].map(([name, value]) => ({ name, value })),
    policies: vhosts.flatMap((vhost) => policies(vhost, { vhost: vhost.name })),
    queues: vhosts.flatMap((vhost) => queues(vhost, { vhost: vhost.name })),
    exchanges: vhosts.flatMap((vhost) => exchanges(vhost, { vhost: vhost.name })),
    bindings: vhosts.flatMap((vhost) => bindings(vhost, { vhost: vhost.name })),
  }
}

/** What is in one vhost; only parameters and policies say which one that is, as in RabbitMQ. */
export function exportVhost(vhost: Vhost, versions: Versions): JsonObject {
  return {
    rabbit_version: versions.rabbit,
    parameters: parameters(vhost, { vhost: vhost.name }),
    policies: policies(vhost, { vhost: vhost.name }),
    queues: queues(vhost, {}),
    exchanges: exchanges(vhost, {}),
    bindings: bindings(vhost, {}),
  }
}

/** Where things are that are not in a vhost's own export. */
type Where = { readonly vhost?: string }

function users(broker: Broker): Json {
  return byName(broker.users).map(({ name, passwordHash, hashing, tags }) => ({
    name,
    password_hash: passwordHash,
    hashing_algorithm: `${HASHING_PREFIX}${hashing}`,
    tags,
    limits: { ...broker.users.limits(name) },
  }))
}

/** What is not set is left out, as by brokers that do not know it. */
function vhostOf({ name, settings }: Vhost): JsonObject {
  const { description, tags, defaultQueueType } = settings
  const said = {
    ...(description === '' ? {} : { description }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(defaultQueueType === null ? {} : { default_queue_type: defaultQueueType }),
  }
  return Object.keys(said).length === 0 ? { name } : { name, ...said, metadata: { description, tags, ...said } }
}

function permissions(broker: Broker): Json {
  return byName(broker.users).flatMap(({ name }) =>
    [...broker.users.permissionsOf(name)].map(([vhost, permission]) => ({ user: name, vhost, ...permission })),
  )
}

function topicPermissions(broker: Broker): Json {
  return byName(broker.users).flatMap(({ name }) =>
    [...broker.vhosts.keys()].flatMap((vhost) =>
      [...broker.users.topicPermissions(name, vhost)].map(([exchange, { write, read }]) => ({
        user: name,
        vhost,
        exchange,
        write,
        read,
      })),
    ),
  )
}

function parameters(vhost: Vhost, where: Where): JsonObject[] {
  return parametersOf(vhost).map(({ component, name, value }) => ({ value, ...where, component, name }))
}

function policies(vhost: Vhost, where: Where): JsonObject[] {
  return byName(vhost.policies).map(({ name, pattern, applyTo, definition, priority }) => ({
    ...where,
    name,
    pattern,
    'apply-to': applyTo,
    definition,
    priority,
  }))
}

function queues(vhost: Vhost, where: Where): JsonObject[] {
  return byName([...vhost.queues.values()].filter(({ owner }) => owner === null)).map((queue) => ({
    name: queue.name,
    ...where,
    durable: queue.durable,
    auto_delete: queue.autoDelete,
    arguments: jsonOfTable(queue.arguments),
  }))
}

function exchanges(vhost: Vhost, where: Where): JsonObject[] {
  return byName([...vhost.exchanges.values()].filter(({ rev }) => rev > 0)).map((exchange) => ({
    name: exchange.name,
    ...where,
    type: exchange.type,
    durable: exchange.durable,
    auto_delete: exchange.autoDelete,
    internal: exchange.internal,
    arguments: jsonOfTable(exchange.arguments),
  }))
}

function bindings(vhost: Vhost, where: Where): JsonObject[] {
  const lasting = [...vhost.bindings.values()].filter(({ destinationType, destination }) => {
    return destinationType === 'exchange' || vhost.queues.get(destination)?.owner === null
  })
  return lasting.map((binding) => ({
    source: binding.source,
    ...where,
    destination: binding.destination,
    destination_type: binding.destinationType,
    routing_key: binding.routingKey,
    arguments: jsonOfTable(binding.arguments),
  }))
}

/** In the order of their names, so that two exports can be compared. */
function byName<Named extends { readonly name: string }>(list: Iterable<Named>): readonly Named[] {
  return [...list].sort((one, other) => (one.name < other.name ? -1 : 1))
}
