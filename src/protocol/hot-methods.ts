// Readers for the methods that come with every message: basic.publish, ack, nack and reject. They check the octets as
// strictly as the readers in method-codec.ts and allocate nothing. Positions are those of a method frame's payload:
//
//   basic.publish   class 2 | method 2 | reserved 2 | exchange shortstr | routing key shortstr | bits 1
//   ack nack reject class 2 | method 2 | delivery tag 8 | bits 1

import { methods } from './methods.ts'
import { cannotDecode, type FailedMethod } from './reply.ts'

/** Bits of basic.publish's last octet. */
export const MANDATORY = 1
export const IMMEDIATE = 2
/** Bits of the last octet of basic.ack and basic.nack; basic.reject has `requeue` alone, in its lowest. */
export const MULTIPLE = 1
export const NACK_REQUEUE = 2
export const REJECT_REQUEUE = 1

/** From a payload's start: where basic.publish has its exchange. */
export const ROUTING_AT = 6
/** From a payload's start: where basic.ack, nack and reject have their delivery tag. */
const TAG_AT = 4
const SETTLE_BYTES = 13

const publishIds: FailedMethod = { classId: methods['basic.publish'].class, methodId: methods['basic.publish'].method }

/**
 * Checks the payload `bytes[start..end)` of a basic.publish and returns its bits (MANDATORY, IMMEDIATE). The exchange
 * and the routing key, each with its length octet, are then `bytes[start + ROUTING_AT .. end - 1)`. They may be anything:
 * RabbitMQ does not ask for UTF-8 here.
 * @throws ConnectionError 501 if the lengths do not add up
 */
export const readPublish = (bytes: Uint8Array, start: number, end: number): number => {
  const keyAt = start + ROUTING_AT + 1 + (bytes[start + ROUTING_AT] ?? 0)
  // A key length read from beyond `end` makes the sum too long as well.
  const bitsAt = keyAt + 1 + (bytes[keyAt] ?? 0)
  if (bitsAt + 1 !== end) throw cannotDecode(bytes, start + 4, end, publishIds)
  return bytes[bitsAt] ?? 0
}

/** The longlong at `at`; Infinity where it is no safe integer, which no delivery tag ever reaches. */
export const deliveryTagAt = (bytes: Uint8Array, at: number): number => {
  const high =
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  if (high > 0x1fffff) return Number.POSITIVE_INFINITY
  const low =
    (((bytes[at + 4] ?? 0) << 24) |
      ((bytes[at + 5] ?? 0) << 16) |
      ((bytes[at + 6] ?? 0) << 8) |
      (bytes[at + 7] ?? 0)) >>>
    0
  return high * 0x100000000 + low
}

/**
 * Checks the payload `bytes[start..end)` of a basic.ack, nack or reject and returns its delivery tag, Infinity if beyond
 * the safe integers. Its bits are the octet at `end - 1`.
 * @throws ConnectionError 501 if it has not the one length that these methods have
 */
export const readTag = (bytes: Uint8Array, start: number, end: number): number => {
  if (end - start !== SETTLE_BYTES) {
    const classId = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0)
    const methodId = ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0)
    throw cannotDecode(bytes, start + 4, end, { classId, methodId })
  }
  return deliveryTagAt(bytes, start + TAG_AT)
}
