// The vocabulary that scenario files are written in: what a peer does and what it sees, as steps. Only builds data.

import { type Table, tablePairs } from './client/field-table.ts'
import { frame, type HeaderOptions, rawMethod, type Values } from './client/frame.ts'
import { methods, replyNames } from './client/grammar.ts'
import type { Body, Login, Outgoing, Step, Steps } from './scenario.ts'

/** `CODE_NAME - explanation`, or the bare name for 541. */
export function replyText(code: number, explanation: string): string {
  const name = replyNames[code] ?? 'UNKNOWN'
  return explanation === '' ? name : `${name} - ${explanation}`
}

/** The normalised text of a close method: code, text and the ids of the method that failed, `50/10`. */
function closeText(method: string, code: number, explanation: string, ids: string): string {
  return `${method} ${code} "${replyText(code, explanation)}" ${ids}`
}

/** Bytes from hexadecimal text; blanks are for the reader. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** The 8 octets `AMQP a b c d`. */
export function protocolHeader(...octets: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from('AMQP'), Buffer.from(octets)])
}

/** A PLAIN response. */
export function plain(user: string, password: string): string {
  return `\0${user}\0${password}`
}

/** An AMQPLAIN response: a field table without its length. */
export function amqplain(values: Table): Buffer {
  return tablePairs(values)
}

/** Ids of a method as the close methods print them. */
export function ids(name: string): string {
  const grammar = methods.get(name)
  return grammar === undefined ? '0/0' : `${grammar.classId}/${grammar.methodId}`
}

const allCapabilities = {
  authentication_failure_close: true,
  consumer_cancel_notify: true,
  publisher_confirms: true,
  'basic.nack': true,
  exchange_exchange_bindings: true,
}

/** Values of a start-ok. */
export function startOk(login: Login): Values {
  return {
    clientProperties: { product: 'raw conformance', capabilities: login.capabilities ?? allCapabilities },
    mechanism: login.mechanism ?? 'PLAIN',
    response: login.response ?? plain('guest', 'guest'),
    locale: 'en_US',
  }
}

/** Values of a tune-ok. */
export function tuneOk(login: Login): Values {
  return {
    channelMax: login.channelMax ?? 2047,
    frameMax: login.frameMax ?? 131072,
    heartbeat: login.heartbeatSeconds ?? 0,
  }
}

/** Optional parts of a publish. */
export type PublishOptions = {
  readonly properties?: Values
  readonly mandatory?: boolean
  readonly immediate?: boolean
}

function publishing(
  channel: number,
  exchange: string,
  key: string | Buffer,
  body: Body,
  options: PublishOptions,
): Outgoing {
  const { properties = {}, mandatory = false, immediate = false } = options
  return { frame: 'publish', channel, values: { exchange, routingKey: key, mandatory, immediate }, properties, body }
}

/** One method to write. */
export function method(channel: number, name: string, values: Values = {}): Outgoing {
  return { frame: 'method', channel, name, values }
}

/** The few words that all others are made of. */
function basics(name: string) {
  const write = (...frames: readonly Outgoing[]): Step => ({ do: 'send', peer: name, frames })
  const send = (channel: number, methodName: string, values: Values = {}): Step =>
    write(method(channel, methodName, values))
  const sees = (text: string): Step => ({ do: 'see', peer: name, text })
  return {
    peer: name,
    /** Writes several things as one TCP write. */
    write,
    /** Writes one method. */
    send,
    /** Writes any bytes. */
    raw: (note: string, bytes: Buffer): Step => write({ frame: 'raw', bytes, note }),
    /** The next arrival is this, normalised. */
    sees,
    /** The next arrival is this method; `save` keeps its fields under names. */
    skips: (methodName: string, save?: { readonly [field: string]: string }): Step =>
      save === undefined
        ? { do: 'skip', peer: name, name: methodName }
        : { do: 'skip', peer: name, name: methodName, save },
    /** This method arrives, perhaps behind others. */
    skipsTo: (methodName: string): Step => ({ do: 'skip', peer: name, name: methodName, past: true }),
    /** Writes one method and sees its answer (without the channel in front). */
    calls: (channel: number, methodName: string, values: Values, answer: string): Steps => [
      send(channel, methodName, values),
      sees(`${channel} ${answer}`),
    ],
  }
}

type Basics = ReturnType<typeof basics>

function connecting({ peer: name, send, raw, skips, calls }: Basics) {
  const connect = (): Step => ({ do: 'connect', peer: name })
  const greets = (): Steps => [connect(), raw('protocol header', protocolHeader(0, 0, 9, 1)), skips('connection.start')]
  const login = (options: Login = {}): Step => ({ do: 'login', peer: name, login: options })
  const opensChannel = (channel: number): Steps => calls(channel, 'channel.open', {}, "channel.open-ok('')")
  return {
    connect,
    /** Connects, says `AMQP 0 0 9 1`, is told connection.start. */
    greets,
    startsOk: (options: Login): Step => send(0, 'connection.start-ok', startOk(options)),
    /** As far as connection.tune. */
    tuned: (options: Login = {}): Steps => [
      greets(),
      send(0, 'connection.start-ok', startOk(options)),
      skips('connection.tune'),
    ],
    tunesOk: (options: Login): Step => send(0, 'connection.tune-ok', tuneOk(options)),
    opensVhost: (vhost = '/'): Step => send(0, 'connection.open', { virtualHost: vhost }),
    /** The whole handshake. */
    login,
    opensChannel,
    /** Logs in and opens channel 1. */
    ready: (options: Login = {}): Steps => [login(options), opensChannel(1)],
    /** Answers the broker's channel.close and opens the channel anew. */
    reopens: (channel: number): Steps => [send(channel, 'channel.close-ok'), opensChannel(channel)],
    /** Drops TCP without a word; `reset` does so with a reset. */
    drop: (): Step => ({ do: 'drop', peer: name }),
    reset: (): Step => ({ do: 'reset', peer: name }),
  }
}

function writing({ write, raw }: Basics) {
  return {
    /** A frame of any type with any payload; `end` other than 0xCE is a bad one. */
    frame: (type: number, channel: number, payload: Buffer, end?: number): Step =>
      raw(`frame type ${type} channel ${channel}`, frame(type, channel, payload, end)),
    /** A method frame with any ids and any argument bytes. */
    rawMethod: (channel: number, methodIds: string, argument: Buffer): Step => {
      const [classId = 0, methodId = 0] = methodIds.split('/').map(Number)
      return raw(`method ${methodIds} on channel ${channel}`, rawMethod(channel, classId, methodId, argument))
    },
    /** A whole message: method, header and body frames. */
    publishes: (
      channel: number,
      exchange: string,
      key: string | Buffer,
      body: Body,
      options: PublishOptions = {},
    ): Step => write(publishing(channel, exchange, key, body, options)),
    header: (channel: number, bodyBytes: number | bigint, properties: Values = {}, options: HeaderOptions = {}): Step =>
      write({ frame: 'header', channel, bodyBytes, properties, options }),
    body: (channel: number, body: Body): Step => write({ frame: 'body', channel, body }),
  }
}

function seeing({ peer: name, sees, calls }: Basics) {
  return {
    /** As `sees`, between `fromS` and `toS` seconds after the last thing either side said. */
    seesAfter: (text: string, fromS: number, toS: number): Step => ({
      do: 'see',
      peer: name,
      text,
      afterS: [fromS, toS],
    }),
    /** The next arrivals are these, in whatever order. */
    seesInAnyOrder: (...texts: readonly string[]): Step => ({ do: 'see-in-any-order', peer: name, texts }),
    /** channel.close with `CODE_NAME - explanation` and the ids of the method that failed. */
    closesChannel: (channel: number, code: number, explanation: string, methodIds: string): Step =>
      sees(`${channel} ${closeText('channel.close', code, explanation, methodIds)}`),
    closesConnection: (code: number, explanation: string, methodIds: string): Step =>
      sees(`0 ${closeText('connection.close', code, explanation, methodIds)}`),
    /** Proof that the channel lives and that nothing else came before the answer. */
    answers: (channel: number): Steps => calls(channel, 'channel.flow', { active: true }, 'channel.flow-ok(true)'),
    /** Nothing arrives for so long: only where silence is what must be seen. */
    silence: (forMs: number): Step => ({ do: 'silence', peer: name, forMs }),
    /** TCP ends within this window in seconds. */
    closed: (fromS: number, toS: number, since: 'activity' | 'connect' = 'activity'): Step => ({
      do: 'closed',
      peer: name,
      since,
      fromS,
      toS,
    }),
    /** Asks until the answer (without the channel in front) is this one. */
    eventually: (channel: number, methodName: string, values: Values, answer: string): Step => ({
      do: 'eventually',
      peer: name,
      channel,
      ask: method(channel, methodName, values),
      text: `${channel} ${answer}`,
    }),
  }
}

function declaring({ calls }: Basics) {
  return {
    /** queue.declare of a queue without messages and consumers. */
    declares: (channel: number, queue: string, options: Values = {}): Steps =>
      calls(channel, 'queue.declare', { queue, ...options }, `queue.declare-ok('${queue}', 0, 0)`),
    exchange: (channel: number, exchange: string, type: string, options: Values = {}): Steps =>
      calls(channel, 'exchange.declare', { exchange, type, ...options }, 'exchange.declare-ok()'),
    binds: (channel: number, queue: string, exchange: string, routingKey = '', bindArguments: Table = {}): Steps =>
      calls(channel, 'queue.bind', { queue, exchange, routingKey, arguments: bindArguments }, 'queue.bind-ok()'),
    unbinds: (channel: number, queue: string, exchange: string, routingKey = '', bindArguments: Table = {}): Steps =>
      calls(channel, 'queue.unbind', { queue, exchange, routingKey, arguments: bindArguments }, 'queue.unbind-ok()'),
    bindsExchange: (channel: number, destination: string, source: string, routingKey = ''): Steps =>
      calls(channel, 'exchange.bind', { destination, source, routingKey }, 'exchange.bind-ok()'),
    deletesQueue: (channel: number, queue: string, readyMessages: number, options: Values = {}): Steps =>
      calls(channel, 'queue.delete', { queue, ...options }, `queue.delete-ok(${readyMessages})`),
    deletesExchange: (channel: number, exchange: string, options: Values = {}): Steps =>
      calls(channel, 'exchange.delete', { exchange, ...options }, 'exchange.delete-ok()'),
  }
}

function consuming({ peer: name, send, sees, calls }: Basics) {
  return {
    consumes: (channel: number, queue: string, consumerTag: string, options: Values = {}): Steps =>
      calls(
        channel,
        'basic.consume',
        { queue, consumerTag, ...options },
        `basic.consume-ok('${consumerTag === '' ? 'amq.ctag-*' : consumerTag}')`,
      ),
    qos: (channel: number, prefetchCount: number, global = false): Steps =>
      calls(channel, 'basic.qos', { prefetchCount, global }, 'basic.qos-ok()'),
    /** basic.get; the answer as `get-ok(...)` text without the channel, or get-empty. */
    gets: (channel: number, queue: string, answer: string, noAck = false): Steps =>
      calls(channel, 'basic.get', { queue, noAck }, `basic.${answer}`),
    getsNothing: (channel: number, queue: string): Steps =>
      calls(channel, 'basic.get', { queue, noAck: true }, "basic.get-empty('')"),
    /** A delivery from the default exchange (queue = routing key) without properties. */
    delivered: (
      channel: number,
      tag: string,
      deliveryTag: number,
      queue: string,
      body: string,
      redelivered = false,
    ): Step => sees(`${channel} basic.deliver('${tag}', ${deliveryTag}, ${redelivered}, '', '${queue}') {} '${body}'`),
    acks: (channel: number, deliveryTag: number, multiple = false): Step =>
      send(channel, 'basic.ack', { deliveryTag, multiple }),
    nacks: (channel: number, deliveryTag: number, options: Values = {}): Step =>
      send(channel, 'basic.nack', { deliveryTag, requeue: true, ...options }),
    rejects: (channel: number, deliveryTag: number, requeue = true): Step =>
      send(channel, 'basic.reject', { deliveryTag, requeue }),
    /** The queue holds exactly these bodies, in this order; it is empty afterwards. */
    drains: (channel: number, queue: string, bodies: readonly string[]): Step => ({
      do: 'drain',
      peer: name,
      channel,
      queue,
      bodies,
    }),
    /** Acks (and nacks) for exactly these publishes arrive, `multiple` or not. */
    confirmed: (channel: number, acked: readonly number[], nacked: readonly number[] = []): Step => ({
      do: 'confirmed',
      peer: name,
      channel,
      acked,
      nacked,
    }),
  }
}

/** The steps of the peer of that name: all that a scenario can have one TCP connection do and see. */
export function peer(name: string) {
  const words = basics(name)
  return {
    ...words,
    ...connecting(words),
    ...writing(words),
    ...seeing(words),
    ...declaring(words),
    ...consuming(words),
  }
}

/** Two peers are enough for every scenario so far. */
export const a = peer('a')
export const b = peer('b')
