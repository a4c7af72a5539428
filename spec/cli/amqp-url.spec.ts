// Where messages go, by what was said or by what the broker says of its listeners.

import { amqpUrlOf } from '../../src/cli/amqp-url.ts'
import { CommandError } from '../../src/cli/command-error.ts'
import { LOGIN_REFUSED } from '../../src/cli/http.ts'
import type { Target } from '../../src/cli/target.ts'

const target: Target = {
  url: 'http://mq:15672',
  source: 'the default',
  user: 'a@b',
  password: 'p/w',
  insecure: false,
}

function api(listeners?: readonly object[]): { get(path: string): Promise<unknown> } {
  return {
    get: async () => {
      if (listeners) return { listeners }
      throw new Error('not there')
    },
  }
}

it.each([
  [
    'the port of its listener',
    target,
    [
      { protocol: 'http', port: 1 },
      { protocol: 'amqp', port: 5999 },
    ],
    'amqp://a%40b:p%2Fw@mq:5999/%2F',
  ],
  ['the usual port where it does not say', target, undefined, 'amqp://a%40b:p%2Fw@mq:5672/%2F'],
  ['TLS where the API has it', { ...target, url: 'https://mq' }, undefined, 'amqps://a%40b:p%2Fw@mq:5671/%2F'],
  ['the only listener there is', target, [{ protocol: 'amqp/ssl', port: 5671 }], 'amqps://a%40b:p%2Fw@mq:5671/%2F'],
  ['the vhost', { ...target, vhost: 'a/b' }, undefined, 'amqp://a%40b:p%2Fw@mq:5672/a%2Fb'],
  [
    'what was said',
    { ...target, amqpUrl: 'amqp://other:1/v?heartbeat=5' },
    [],
    'amqp://a%40b:p%2Fw@other:1/v?heartbeat=5',
  ],
])('has %s', async (_, of, listeners, url) => {
  expect(await amqpUrlOf(of, api(listeners))).toBe(url)
})

it('is not guessed for somebody whom the API does not let in', async () => {
  const refusing = (word?: string) => ({
    get: async () => Promise.reject(new CommandError('wrong password', 77, word)),
  })
  await expect(amqpUrlOf(target, refusing(LOGIN_REFUSED))).rejects.toThrow('wrong password')
  // Who has no tag may well publish.
  expect(await amqpUrlOf(target, refusing())).toMatch(/:5672/)
})
