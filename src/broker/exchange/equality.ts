// When two field values are the same to a headers exchange: as a text that equal values share, so that bindings can be
// found by it. Knows values, not what they are bound to.

import { encodeTable, type FieldValue } from '../../protocol/field-table.ts'
import { decodeText } from '../../protocol/utf8.ts'

/**
 * A text that two values have in common if and only if they are equal (behaviour.md §5.8): integers across widths, float
 * and double by value, S and x by their octets, arrays and tables by types and order. null: equal to nothing (void, whose
 * argument asks for presence only, and what is not a number).
 */
export function equalityText(value: FieldValue): string | null {
  switch (value.tag) {
    case 'S':
      return `S${value.value}`
    case 'x':
      return `S${decodeText(Buffer.from(value.value), 0, value.value.length)}`
    case 'f':
    case 'd':
      return Number.isNaN(value.value) ? null : `d${value.value}`
    case 'V':
      return null
    case 't':
    case 'T':
      return `${value.tag}${value.value}`
    case 'D':
    case 'F':
    case 'A':
      return `${value.tag}${encodeTable(new Map([['', value]])).toString('latin1')}`
    default:
      return `i${value.value}`
  }
}

/** The same of a message's header, where RabbitMQ makes a number of its timestamps: milliseconds. */
export function numberedText(value: FieldValue): string | null {
  return value.tag === 'T' ? equalityText({ tag: 'l', value: BigInt(value.value) * 1000n }) : equalityText(value)
}
