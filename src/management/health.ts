// Whether the broker is well: the questions that probes ask, each answered with what is wrong or null. Knows the broker's
// alarms, ports and certificates; not how the answer is sent.

import type { ManagementContext } from './context.ts'

/** What is wrong, in words and with RabbitMQ's further fields. */
export interface Ailment {
  readonly reason: string
  readonly [field: string]: unknown
}

type Sight = Pick<ManagementContext, 'broker' | 'node' | 'listeners'>

/** Resource alarms that are on. */
export function alarmsOn({ broker, node }: Sight): Ailment | null {
  const on = (['memory', 'disk', 'store'] as const).filter((resource) => broker.alarms.has(resource))
  if (on.length === 0) return null
  return { reason: 'Resource alarm(s) in effect', alarms: on.map((resource) => ({ node: node.name, resource })) }
}

/** As many connections as the node takes, where it is told how many. */
export function connectionsFull({ broker: { connections } }: Pick<Sight, 'broker'>): Ailment | null {
  return connections.isFull ? { reason: 'node connection limit is reached', ...connectionFacts({ connections }) } : null
}

/** How many connections there are and may be, in RabbitMQ's words. */
export function connectionFacts({ connections: { most, size } }: Pick<Sight['broker'], 'connections'>): object {
  return { limit: most === 0 ? 'infinity' : most, connections: size }
}

/** A port that nobody listens on. */
export function portClosed({ listeners }: Sight, port: number): Ailment | null {
  const ports = listeners().map((listener) => listener.port)
  return ports.includes(port) ? null : { reason: 'No active listener', missing: port, ports }
}

/** A protocol that nobody speaks; names are RabbitMQ's, with or without its slashes and versions. */
export function protocolSilent({ listeners }: Sight, protocol: string): Ailment | null {
  const protocols = [...new Set(listeners().map((listener) => listener.protocol))]
  const wanted = protocolNames(protocol)
  if (protocols.some((spoken) => wanted.includes(spoken))) return null
  return { reason: 'No active listener', missing: protocol, protocols }
}

/** A certificate that ends in `withinMs`, or has ended. */
export function certificateEnding(
  { clock, certificateEnd, listeners }: Pick<ManagementContext, 'clock' | 'certificateEnd' | 'listeners'>,
  withinMs: number,
): Ailment | null {
  const end = certificateEnd?.() ?? null
  if (end === null || end > clock.now() + withinMs) return null
  const secure = listeners().filter(({ protocol }) => protocol === 'amqp/ssl' || protocol === 'https')
  const expired = secure.map((listener) => ({ ...listener, certificate_expires_at: new Date(end).toISOString() }))
  return { reason: 'Certificates expiring', expired }
}

function protocolNames(asked: string): readonly string[] {
  const plain = asked.toLowerCase()
  const known: Readonly<Record<string, string>> = {
    ...{ amqp091: 'amqp', 'amqp0-9-1': 'amqp', 'amqp0.9.1': 'amqp', amqps: 'amqp/ssl', 'amqp091-tls': 'amqp/ssl' },
    ...{ management: 'http', 'http-prometheus': 'http/prometheus', prometheus: 'http/prometheus' },
  }
  return [plain, known[plain] ?? plain]
}

/** Whether messages can be stored, and there is somewhere to bring them. */
export function notReady(sight: Sight): Ailment | null {
  if (sight.broker.alarms.has('store')) return { reason: 'the store takes nothing' }
  return protocolSilent(sight, 'amqp') === null || protocolSilent(sight, 'amqp/ssl') === null
    ? null
    : { reason: 'no port is open for AMQP' }
}
