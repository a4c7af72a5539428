// A binding as RabbitMQ's API shows it, and the name that it has there among the bindings of the same two ends
// (properties_key). Every queue is bound to the default exchange by its name; that is kept nowhere, and shown all the same.

import type { BindingSpec } from '../../broker/binding.ts'
import type { FieldTable } from '../../protocol/field-table.ts'
import { hashOfTable } from '../erlang-hash.ts'
import { jsonOfTable } from '../field-json.ts'

/** A binding in a vhost. */
export interface PlacedBinding extends BindingSpec {
  readonly vhost: string
}

const NO_ARGUMENTS: FieldTable = new Map()

/** What a binding is. */
export function bindingView({ source, vhost, destinationType, destination, routingKey, ...rest }: PlacedBinding) {
  return {
    source,
    vhost,
    destination,
    destination_type: destinationType,
    routing_key: routingKey,
    arguments: jsonOfTable(rest.arguments),
    properties_key: propertiesKey(routingKey, rest.arguments),
  }
}

/** The binding that every queue has. */
export function defaultBinding(vhost: string, queue: string): PlacedBinding {
  return {
    vhost,
    source: '',
    destinationType: 'queue',
    destination: queue,
    routingKey: queue,
    arguments: NO_ARGUMENTS,
  }
}

/** What a binding is called: its routing key, and a hash of its arguments where it has some. `~` stands for neither. */
export function propertiesKey(routingKey: string, args: FieldTable): string {
  if (args.size === 0) return routingKey === '' ? '~' : quoted(routingKey)
  const hash = Buffer.alloc(4)
  hash.writeUInt32BE(hashOfTable(args))
  return `${quoted(routingKey)}~${hash.toString('base64url')}`
}

/** Whether `asked`, as it came in a path, names the binding: people escape it once, or twice as they should. */
export function isNamed(asked: string, { routingKey, arguments: args }: BindingSpec): boolean {
  const key = propertiesKey(routingKey, args)
  return key === asked || decodeURIComponent(key) === asked || decodeURIComponent(key.replaceAll('+', ' ')) === asked
}

/** As forms are written: letters and digits stand for themselves, a space is a plus. */
function quoted(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((octet) => {
      const char = String.fromCharCode(octet)
      if (/[A-Za-z0-9._-]/.test(char)) return char
      return char === ' ' ? '+' : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
