// What x-death tells, and which queues get dead letters.

import {
  deadLetterQueues,
  groupDeaths,
  lastDeath,
  sourceExchange,
  sourceQueue,
} from '../../../src/cli/messages/deaths.ts'

const death = (queue: string, reason = 'rejected', value = 1_700_000_000) => ({
  'x-death': [
    { queue, reason, exchange: 'e', 'routing-keys': ['k', 'cc'], count: 2, time: { '!': 'timestamp', value } },
    { queue: 'earlier', reason: 'expired', exchange: '', 'routing-keys': ['earlier'], count: 1 },
  ],
})

describe('the last death', () => {
  it('is the first in x-death', () => {
    expect(lastDeath(death('q'))).toEqual({
      reason: 'rejected',
      queue: 'q',
      exchange: 'e',
      key: 'k',
      count: 2,
      time: 1_700_000_000,
    })
    expect(lastDeath({ 'x-death': [{ queue: 'q', time: 5 }] })).toMatchObject({ time: 5, key: '', count: 1 })
  })

  it.each([undefined, {}, { 'x-death': [] }, { 'x-death': 'x' }, { 'x-death': [{}] }])('is not in %j', (headers) => {
    expect(lastDeath(headers)).toBeUndefined()
    expect(sourceQueue(headers)).toBeUndefined()
    expect(sourceExchange(headers)).toBeUndefined()
  })

  it('leads back to the queue, or to the exchange', () => {
    expect(sourceQueue(death('q'))).toEqual({ exchange: '', key: 'q' })
    expect(sourceExchange(death('q'))).toEqual({ exchange: 'e', key: 'k' })
  })
})

describe('groups', () => {
  it('are by reason and place, with the first and the last time', () => {
    expect(groupDeaths([death('a'), {}, death('a', 'rejected', 1_700_000_060), death('b', 'maxlen')])).toEqual([
      {
        reason: 'rejected',
        queue: 'a',
        exchange: 'e',
        routing_key: 'k',
        messages: 2,
        first: '2023-11-14T22:13:20Z',
        last: '2023-11-14T22:14:20Z',
      },
      expect.objectContaining({ reason: '(not dead-lettered)', messages: 1, first: null, last: null }),
      expect.objectContaining({ reason: 'maxlen', queue: 'b' }),
    ])
  })
})

describe('dead-letter queues', () => {
  const queue = (name: string, more: object = {}) => ({ vhost: '/', name, messages: 1, arguments: {}, ...more })

  it('are those that a dead-letter exchange leads to, by argument or policy, also through exchanges', () => {
    const queues = [
      queue('a', { arguments: { 'x-dead-letter-exchange': 'dlx' } }),
      queue('b', { effective_policy_definition: { 'dead-letter-exchange': 'dlx2' } }),
      queue('c', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead3' } }),
      queue('d', { arguments: { 'x-dead-letter-exchange': '' } }),
      queue('dead', { messages: 5 }),
      queue('dead3'),
    ]
    const bindings = [
      { vhost: '/', source: 'dlx', destination: 'dead', destination_type: 'queue' },
      { vhost: '/', source: 'dlx2', destination: 'dlx', destination_type: 'exchange' },
      { vhost: '/', source: 'dlx', destination: 'dlx2', destination_type: 'exchange' },
      { vhost: 'other', source: 'dlx', destination: 'dead3', destination_type: 'queue' },
    ]
    expect(deadLetterQueues(queues, bindings)).toEqual([
      { vhost: '/', name: 'dead', messages: 5, sources: ['a', 'b'] },
      { vhost: '/', name: 'dead3', messages: 1, sources: ['c'] },
    ])
  })
})
