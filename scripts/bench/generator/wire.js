// AMQP 0-9-1 as far as a load generator speaks it: ids of methods, writers of arguments and frames, one whole message.
// Written apart from the broker's own codec on purpose: what measures and checks the broker shares no code with it.

/** Types of frames (4.2.3) and the octet that ends each. */
export const METHOD = 1
export const HEADER = 2
export const BODY = 3
export const HEARTBEAT = 8
export const FRAME_END = 0xce

/** Bytes around the payload of a frame: type, channel and size before it, the end octet after it. */
export const FRAME_HEAD = 7
export const FRAME_OVERHEAD = 8

export const PROTOCOL_HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1')
export const HEARTBEAT_FRAME = Buffer.of(HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END)

const id = (classId, methodId) => (classId << 16) | methodId

/** Methods by name: class id in the upper 16 bits, method id in the lower. */
export const ids = {
  connectionStart: id(10, 10),
  connectionStartOk: id(10, 11),
  connectionTune: id(10, 30),
  connectionTuneOk: id(10, 31),
  connectionOpen: id(10, 40),
  connectionOpenOk: id(10, 41),
  connectionClose: id(10, 50),
  connectionCloseOk: id(10, 51),
  connectionBlocked: id(10, 60),
  connectionUnblocked: id(10, 61),
  channelOpen: id(20, 10),
  channelOpenOk: id(20, 11),
  channelFlow: id(20, 20),
  channelFlowOk: id(20, 21),
  channelClose: id(20, 40),
  channelCloseOk: id(20, 41),
  exchangeDeclare: id(40, 10),
  exchangeDeclareOk: id(40, 11),
  exchangeDelete: id(40, 20),
  exchangeDeleteOk: id(40, 21),
  queueDeclare: id(50, 10),
  queueDeclareOk: id(50, 11),
  queueBind: id(50, 20),
  queueBindOk: id(50, 21),
  queuePurge: id(50, 30),
  queuePurgeOk: id(50, 31),
  queueDelete: id(50, 40),
  queueDeleteOk: id(50, 41),
  basicQos: id(60, 10),
  basicQosOk: id(60, 11),
  basicConsume: id(60, 20),
  basicConsumeOk: id(60, 21),
  basicCancel: id(60, 30),
  basicPublish: id(60, 40),
  basicReturn: id(60, 50),
  basicDeliver: id(60, 60),
  basicAck: id(60, 80),
  basicNack: id(60, 120),
  confirmSelect: id(85, 10),
  confirmSelectOk: id(85, 11),
}

export const octet = (value) => Buffer.of(value)
export const short = (value) => Buffer.of(value >> 8, value & 0xff)
export const long = (value) => Buffer.of(value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff)
export const longlong = (value) => Buffer.concat([long(Math.floor(value / 2 ** 32)), long(value >>> 0)])
export const longstr = (text) => Buffer.concat([long(Buffer.byteLength(text)), Buffer.from(text)])

/** @throws RangeError when the text takes more than 255 bytes */
export const shortstr = (text) => {
  const bytes = Buffer.from(text)
  if (bytes.length > 255) throw new RangeError(`'${text.slice(0, 20)}...' is too long for a short string`)
  return Buffer.concat([octet(bytes.length), bytes])
}

/** A field table of strings, booleans and tables. */
export const table = (fields) => {
  const parts = Object.entries(fields).flatMap(([name, value]) => [shortstr(name), fieldValue(value)])
  const bytes = Buffer.concat(parts)
  return Buffer.concat([long(bytes.length), bytes])
}

const fieldValue = (value) => {
  if (typeof value === 'boolean') return Buffer.concat([Buffer.from('t'), octet(value ? 1 : 0)])
  if (typeof value === 'string') return Buffer.concat([Buffer.from('S'), longstr(value)])
  return Buffer.concat([Buffer.from('F'), table(value)])
}

export const frame = (type, channel, ...parts) => {
  const payload = Buffer.concat(parts)
  return Buffer.concat([octet(type), short(channel), long(payload.length), payload, octet(FRAME_END)])
}

/** The frame of a method; `parts` are its encoded arguments. */
export const method = (channel, methodId, ...parts) => frame(METHOD, channel, long(methodId), ...parts)

/** Arguments of connection.close and channel.close in good peace. */
export const goodbye = Buffer.concat([short(200), shortstr('bye'), short(0), short(0)])

const DELIVERY_MODE_PRESENT = 0x1000

/**
 * Content header and body frames of a message.
 * @param {{ channel: number, persistent: boolean, body: Uint8Array, frameMax: number }} content `frameMax` in bytes
 */
export const contentFrames = ({ channel, persistent, body, frameMax }) => {
  const flags = Buffer.concat([short(DELIVERY_MODE_PRESENT), octet(persistent ? 2 : 1)])
  const frames = [frame(HEADER, channel, short(60), short(0), longlong(body.length), flags)]
  const room = frameMax - FRAME_OVERHEAD
  for (let at = 0; at < body.length; at += room) frames.push(frame(BODY, channel, body.subarray(at, at + room)))
  return Buffer.concat(frames)
}
