// What consumers may ask of queues, by the queue's type (behaviour.md §7.1 to §7.3).

import { checkConsumption, checkGet, deliveryTimeoutMs, singleActive } from '../../../src/broker/queue/consuming.ts'
import type { Queue } from '../../../src/broker/queue/queue.ts'
import { settingsOf } from '../../../src/broker/queue/settings.ts'
import { type FieldValue, table } from '../../../src/protocol/field-table.ts'
import { channelError, connectionError } from '../../support/errors.ts'

type Type = 'classic' | 'quorum' | 'stream'

function queue(type: Type, singleActiveConsumer = false): Queue {
  const args = table({ 'x-queue-type': type, 'x-single-active-consumer': singleActiveConsumer })
  // The checks look at no more of a queue.
  return { name: 'q', vhost: '/', settings: settingsOf(args) } as Queue
}

const plain = { noAck: false, exclusive: false, prefetch: 0, shared: false, arguments: table({}) }
const withArgument = (name: string, value: FieldValue) => ({ ...plain, arguments: new Map([[name, value]]) })

describe('a consumer may not ask', () => {
  const word = (value: string): FieldValue => ({ tag: 'S', value })

  it.each<[Type, string, FieldValue, string]>([
    ['classic', 'x-priority', word('1'), ': "expected integer, got longstr"'],
    ['quorum', 'x-priority', { tag: 'd', value: 1 }, ': "expected integer, got double"'],
    ['quorum', 'x-consumer-timeout', word('1'), ': "expected integer, got longstr"'],
    ['classic', 'x-stream-offset', word('first'), ' of queue type rabbit_classic_queue'],
    ['quorum', 'x-stream-offset', { tag: 'I', value: 5 }, ' of queue type rabbit_quorum_queue'],
    ['classic', 'x-stream-offset', word('3D'), ' of queue type rabbit_classic_queue'],
    ['classic', 'x-stream-offset', word('2'), ' of queue type rabbit_classic_queue'],
    ['classic', 'x-stream-offset', { tag: 't', value: true }, ' of queue type rabbit_classic_queue'],
    ['stream', 'x-stream-offset', word('2'), ': {invalid_stream_offset_arg,{longstr,<<"2">>}}'],
    ['stream', 'x-stream-offset', { tag: 't', value: true }, ': {invalid_stream_offset_arg,{bool,true}}'],
    ['stream', 'x-priority', word('1'), ' of queue type rabbit_stream_queue'],
    ['stream', 'x-priority', { tag: 'l', value: 1 }, ' of queue type rabbit_stream_queue'],
    ['classic', 'x-stream-filter', word('a'), ' of queue type rabbit_classic_queue'],
    ['quorum', 'x-stream-match-unfiltered', { tag: 't', value: true }, ' of queue type rabbit_quorum_queue'],
  ])('of a %s queue: %s %j', (type, name, value, complaint) => {
    const text = `invalid arg '${name}' for queue 'q' in vhost '/'${complaint}`
    expect(() => checkConsumption(queue(type), withArgument(name, value))).toThrow(channelError(406, text))
  })

  it('for a shared limit on a quorum queue, but after its arguments were looked at', () => {
    const text = "queue 'q' in vhost '/' does not support global qos"
    expect(() => checkConsumption(queue('quorum'), { ...plain, shared: true })).toThrow(connectionError(540, text))
    const wrong = { ...withArgument('x-priority', word('1')), shared: true }
    expect(() => checkConsumption(queue('quorum'), wrong)).toThrow(expect.objectContaining({ code: 406 }))
    expect(checkConsumption(queue('classic'), { ...plain, shared: true }).prefetch).toBe(0)
  })
})

describe('a consumer of a stream', () => {
  const stream = queue('stream')
  const fine = { ...plain, prefetch: 5 }

  it('has to say how much it can hold, before anything else but its arguments', () => {
    const text = "consumer prefetch count is not set for stream queue 'q' in vhost '/'"
    expect(() => checkConsumption(stream, { ...plain, noAck: true, shared: true })).toThrow(channelError(406, text))
  })

  it('has to ack, and to have a limit of its own', () => {
    const noAck = "automatic acknowledgement not supported by stream queue 'q' in vhost '/'"
    expect(() => checkConsumption(stream, { ...fine, noAck: true, shared: true })).toThrow(connectionError(540, noAck))
    const shared = "queue 'q' in vhost '/' does not support global qos"
    expect(() => checkConsumption(stream, { ...fine, shared: true })).toThrow(connectionError(540, shared))
  })

  it('may ask to be exclusive, which means nothing, and for a place and a filter', () => {
    const args = table({ 'x-stream-offset': 'first', 'x-stream-filter': 'a', 'x-stream-match-unfiltered': true })
    const asked = { ...fine, exclusive: true, arguments: args }
    expect(checkConsumption(stream, asked)).toEqual({ exclusive: false, prefetch: 5, shares: false })
  })

  it('may keep what it was given for any time', () => {
    expect(deliveryTimeoutMs(stream, table({ 'x-consumer-timeout': 5 }), 700)).toBe(0)
  })
})

describe('a consumer may ask', () => {
  it.each<[string, FieldValue]>([
    ['x-anything', { tag: 'V', value: null }],
    ['x-cancel-on-ha-failover', { tag: 'S', value: 'what?' }],
    ['x-consumer-timeout', { tag: 'S', value: 'accepted, means nothing' }],
    ['x-priority', { tag: 'b', value: -1 }],
  ])('a classic queue for %s', (name, value) => {
    expect(checkConsumption(queue('classic'), withArgument(name, value))).toMatchObject({ prefetch: 0 })
  })

  it('a quorum queue to be exclusive, which means nothing, and for no limit, which means 2000', () => {
    const none = { exclusive: false, prefetch: 2000, shares: false }
    expect(checkConsumption(queue('quorum'), { ...plain, exclusive: true })).toEqual(none)
    expect(checkConsumption(queue('quorum'), { ...plain, prefetch: 7 })).toMatchObject({ prefetch: 7 })
    expect(checkConsumption(queue('classic'), { ...plain, exclusive: true })).toMatchObject({ exclusive: true })
  })
})

describe('a delivery', () => {
  const queueWith = (fields: Parameters<typeof table>[0]) => ({ settings: settingsOf(table(fields)) }) as Queue

  it.each<[string, Parameters<typeof table>[0], Parameters<typeof table>[0] | null, number | null, number]>([
    ['of a classic queue', {}, {}, null, 0],
    ['of a classic queue, by the setting', {}, {}, 700, 700],
    ['of a quorum queue', { 'x-queue-type': 'quorum' }, null, null, 1_800_000],
    ['of a quorum queue, by the setting', { 'x-queue-type': 'quorum' }, {}, 0, 0],
    ['by its queue before the setting', { 'x-consumer-timeout': 5 }, null, 700, 5],
    ['by its consumer before its queue', { 'x-consumer-timeout': 5 }, { 'x-consumer-timeout': 6 }, 700, 6],
    ['whatever a classic queue was told that is no time', {}, { 'x-consumer-timeout': 'long' }, null, 0],
  ])('may be out, %s, for so long (§7.7)', (_, queue, consumer, setting, ms) => {
    expect(deliveryTimeoutMs(queueWith(queue), consumer && table(consumer), setting)).toBe(ms)
  })
})

describe('a single active consumer', () => {
  it('is passed over by basic.get on a classic queue, never on a quorum queue', () => {
    const text =
      "cannot obtain access to locked queue 'q' in vhost '/'. basic.get operations are not supported by quorum queues with single active consumer"
    expect(() => checkGet(queue('quorum', true))).toThrow(channelError(405, text))
    for (const other of [queue('quorum'), queue('classic'), queue('classic', true)]) checkGet(other)
  })

  it('is one where the queue says so', () => {
    expect(singleActive(queue('classic').settings)).toBeNull()
    expect(singleActive(queue('classic', true).settings)).not.toBeNull()
  })
})
