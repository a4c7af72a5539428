// The named workloads: what each does, step by step, and which figures of a step the table shows.

/**
 * @typedef {object} Step what one step does; unmentioned is 1 publisher, 1 consumer, 1 queue, default exchange, transient
 * @property {'flow' | 'fill' | 'drain' | 'churn' | 'declares' | 'idle'} kind
 * @property {number} [size] bytes of a body, at least 16
 * @property {number} [publishers] connections that publish, each to its own share of the routing keys
 * @property {number} [consumers] connections that consume, each from its own share of the queues
 * @property {number} [queues]
 * @property {'' | 'fanout' | 'topic'} [exchange] type; '' is the default exchange
 * @property {number} [bindings] routing keys over all queues
 * @property {boolean} [persistent] messages
 * @property {boolean} [durable] queues and exchanges
 * @property {number} [window] most publishes without a confirm; 0: no confirms
 * @property {boolean} [ack] every message is acknowledged on its own; otherwise automatic
 * @property {number} [prefetch]
 * @property {number} [perSecond] pace of all publishers together
 * @property {number} [parallel] places where something is done over and over
 * @property {number} [count] of messages to fill a queue with, or to drain
 * @property {number} [connections] that idle, for `holdSeconds` at most
 * @property {number} [holdSeconds]
 *
 * @typedef {{ label: string, step?: number, key: string, unit: string, lower?: boolean }} Metric `lower` is better
 * @typedef {{ text: string, steps: Step[], metrics: Metric[], fresh?: boolean }} Workload
 *   `fresh`: a broker that the benchmark starts itself is started anew for each run
 */

const cpu = (unit, step = 0) => ({ label: 'broker CPU', step, key: 'cpuUsPerOperation', unit, lower: true })
const published = { label: 'publish', key: 'publishPerSecond', unit: 'msg/s' }
const consumed = { label: 'consume', key: 'consumePerSecond', unit: 'msg/s' }
const flow = [published, consumed, cpu('us/msg'), { label: 'peak RSS', key: 'rssPeakMiB', unit: 'MiB', lower: true }]

const times = (label, key, quantiles) =>
  quantiles.map((name) => ({ label: `${label} ${name}`, key: `${key}.${name}`, unit: 'ms', lower: true }))
const endToEnd = (...quantiles) => times('end to end', 'endToEndMs', quantiles)
const confirm = (...quantiles) => times('confirm', 'confirmMs', quantiles)
const operation = (...quantiles) => times('operation', 'operationMs', quantiles)

const filling = [
  { label: 'fill', key: 'publishPerSecond', unit: 'msg/s' },
  { label: 'drain', step: 1, key: 'consumePerSecond', unit: 'msg/s' },
  { label: 'RSS per message', key: 'rssBytesPerMessage', unit: 'B', lower: true },
  { label: 'peak RSS, fill', key: 'rssPeakMiB', unit: 'MiB', lower: true },
  { label: 'RSS after drain', step: 1, key: 'rssAfterMiB', unit: 'MiB', lower: true },
  { ...cpu('us/msg'), label: 'broker CPU, fill' },
  { ...cpu('us/msg', 1), label: 'broker CPU, drain' },
]

const durable = { persistent: true, durable: true }
const safe = { kind: 'flow', ...durable, window: 1000, ack: true, prefetch: 200 }
const pairs = (count) => ({ publishers: count, consumers: count, queues: count })

/**
 * All workloads by name.
 * @param {{ count: number, connections: number }} sizes of w11 and of w13
 * @returns {Record<string, Workload>}
 */
export const workloads = ({ count, connections }) => ({
  w1: {
    text: 'transient, automatic ack, 16 B',
    steps: [{ kind: 'flow', size: 16 }],
    metrics: [...flow, ...endToEnd('p50')],
  },
  w2: { text: 'transient, automatic ack, 1 KiB', steps: [{ kind: 'flow', size: 1024 }], metrics: flow },
  w3: {
    text: 'transient, automatic ack, 64 KiB',
    steps: [{ kind: 'flow', size: 65536 }],
    metrics: [...flow, { label: 'bodies', key: 'consumeMBPerSecond', unit: 'MB/s' }],
  },
  w4: {
    text: 'persistent, confirm window 1000, ack, prefetch 200, durable, 1 KiB',
    steps: [{ ...safe, size: 1024 }],
    metrics: [...flow, ...confirm('p50', 'p99'), ...endToEnd('p50', 'p99')],
  },
  w5: { text: 'as w4, 16 B', steps: [{ ...safe, size: 16 }], metrics: [...flow, ...confirm('p50', 'p99')] },
  w6: {
    text: 'fanout to 10 queues, 10 consumers, automatic ack, 100 B',
    steps: [{ kind: 'flow', exchange: 'fanout', queues: 10, consumers: 10, size: 100 }],
    metrics: flow,
  },
  w7: {
    text: 'topic, 1000 bindings over 10 queues, 1 publisher, 1 consumer, automatic ack, 100 B',
    steps: [{ kind: 'flow', exchange: 'topic', bindings: 1000, queues: 10, size: 100 }],
    metrics: flow,
  },
  w8: {
    text: '20 queues, each 1 publisher, 1 consumer, confirm window 100, automatic ack, 100 B',
    steps: [{ kind: 'flow', ...pairs(20), window: 100, size: 100 }],
    metrics: [...flow, ...confirm('p50')],
  },
  w9: {
    text: '100 queues, each 1 publisher, 1 consumer, confirm window 100, automatic ack, 100 B',
    steps: [{ kind: 'flow', ...pairs(100), window: 100, size: 100 }],
    metrics: [...flow, ...confirm('p50')],
  },
  w10: {
    text: 'as w4, paced at 5000 msg/s: latency',
    steps: [{ ...safe, size: 1024, perSecond: 5000 }],
    metrics: [consumed, cpu('us/msg'), ...confirm('p50', 'p99'), ...endToEnd('p50', 'p99', 'max')],
  },
  w11: {
    text: `fill ${count.toLocaleString('en')} x 100 B transient, then drain with acks, prefetch 1000`,
    steps: [
      { kind: 'fill', size: 100, count },
      { kind: 'drain', size: 100, count, ack: true, prefetch: 1000 },
    ],
    metrics: filling,
    fresh: true,
  },
  w11p: {
    text: 'as w11, persistent, durable, fill with confirm window 1000',
    steps: [
      { kind: 'fill', size: 100, count, ...durable, window: 1000 },
      { kind: 'drain', size: 100, count, ...durable, ack: true, prefetch: 1000 },
    ],
    metrics: filling,
    fresh: true,
  },
  w12: {
    text: 'connections opened (with a channel) and closed, 4 at a time',
    steps: [{ kind: 'churn', parallel: 4 }],
    metrics: [
      { label: 'connections', key: 'operationsPerSecond', unit: '1/s' },
      ...operation('p50', 'p99'),
      cpu('us/connection'),
    ],
  },
  w13: {
    text: `${connections.toLocaleString('en')} idle connections, 1 channel each`,
    steps: [{ kind: 'idle', connections, holdSeconds: 3 }],
    metrics: [
      { label: 'RSS per connection', key: 'rssKiBPerConnection', unit: 'KiB', lower: true },
      { label: 'opened', key: 'operationsPerSecond', unit: '1/s' },
      { label: 'CPU while idle', key: 'idleCpuPercent', unit: '%', lower: true },
      cpu('us/connection'),
    ],
    fresh: true,
  },
  w14: {
    text: 'queues declared and deleted, 4 connections; transient, then durable',
    steps: [
      { kind: 'declares', parallel: 4 },
      { kind: 'declares', parallel: 4, durable: true },
    ],
    metrics: [
      { label: 'transient pairs', key: 'operationsPerSecond', unit: '1/s' },
      { label: 'transient p50', key: 'operationMs.p50', unit: 'ms', lower: true },
      { label: 'durable pairs', step: 1, key: 'operationsPerSecond', unit: '1/s' },
      { label: 'durable p50', step: 1, key: 'operationMs.p50', unit: 'ms', lower: true },
    ],
  },
  w15: {
    text: 'one publish at a time, each waits for its confirm; persistent, durable, ack, 100 B',
    steps: [{ ...safe, window: 1, size: 100 }],
    metrics: [published, cpu('us/msg'), ...confirm('p50', 'p99'), ...endToEnd('p50', 'p99')],
  },
})

const generatorCpu = { label: 'generator CPU', key: 'generatorCpuUsPerOperation', unit: 'us/op', lower: true }

/**
 * How fast the generator itself is: against a peer that neither routes nor stores. `mode` is the peer's, see bare-peer.js.
 * @type {Record<string, Workload & { mode: 'flood' | 'relay' }>}
 */
export const ceilings = {
  publish: ceiling('publish only, 16 B', { consumers: 0, size: 16 }, [published]),
  publish1k: ceiling('publish only, 1 KiB', { consumers: 0, size: 1024 }, [published]),
  confirm: ceiling('publish only, 16 B, confirm window 1000', { consumers: 0, size: 16, window: 1000 }, [published]),
  confirm20: ceiling(
    '20 publishers, 100 B, confirm window 100',
    { publishers: 20, consumers: 0, queues: 20, size: 100, window: 100 },
    [published],
  ),
  consume: ceiling('consume only, 16 B', { publishers: 0, size: 16 }, [consumed]),
  consume1k: ceiling('consume only, 1 KiB', { publishers: 0, size: 1024 }, [consumed]),
  ack: ceiling('consume only, 16 B, each acknowledged', { publishers: 0, size: 16, ack: true }, [consumed]),
  paced: {
    ...ceiling('w10 through a relay: latency', { ...safe, size: 1024, perSecond: 5000 }, [
      consumed,
      ...confirm('p50', 'p99'),
      ...endToEnd('p50', 'p99', 'max'),
    ]),
    mode: 'relay',
  },
  lone: {
    ...ceiling('w15 through a relay', { ...safe, size: 100, window: 1 }, [published, ...confirm('p50')]),
    mode: 'relay',
  },
  churn: {
    text: 'w12: connections opened and closed',
    mode: 'flood',
    steps: [{ kind: 'churn', parallel: 4 }],
    metrics: [{ label: 'connections', key: 'operationsPerSecond', unit: '1/s' }, generatorCpu],
  },
}

function ceiling(text, step, metrics) {
  return { text, mode: 'flood', steps: [{ kind: 'flow', ...step }], metrics: [...metrics, generatorCpu] }
}
