// Values as RabbitMQ prints them in refusals of exchange and binding arguments.

import { type FieldValue, fieldType } from '../../protocol/field-table.ts'
import { renderBytes } from '../../protocol/reply.ts'

/** A value as RabbitMQ prints it; what would be a list of terms, by its type. */
export function shown(value: FieldValue): string {
  if (value.tag === 'V') return 'undefined'
  if (value.tag === 'S') return shownText(value.value)
  if (value.tag === 'x') return renderBytes(value.value, 0, value.value.length)
  return typeof value.value === 'object' ? fieldType(value) : String(value.value)
}

/** A text as RabbitMQ prints a binary. */
export function shownText(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  return renderBytes(bytes, 0, bytes.length)
}
