// Routes explained, lags, and events over HTTP.

import { createApp } from '../../../src/management/app.ts'
import type { Routes } from '../../../src/management/route.ts'
import { insightRoutes, sent } from '../../../src/management/routes/insight.ts'
import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  await api.change('PUT', '/api/queues/%2F/q', {})
})
afterEach(() => api.close())

it('a route is explained', async () => {
  await api.change('POST', '/api/bindings/%2F/e/amq.topic/q/q', { routing_key: 'a.#' })
  const ask = (exchange: string, body: object) =>
    api.ask(`/api/leveret/route/%2F/${exchange}`, { method: 'POST', body })
  const { status, body } = await ask('amq.topic', { routing_key: 'a.b', properties: { headers: { CC: ['x'] } } })
  expect([status, body.queues, body.steps[0].matched[0].routing_key]).toEqual([200, ['q'], 'a.#'])
  expect((await ask('amq.default', { routing_key: 'q' })).body.queues).toEqual(['q'])
  expect((await ask('none', {})).status).toBe(404)
})

it('lags are told of the queues that somebody sees', async () => {
  expect((await api.ask('/api/leveret/lag')).body).toEqual([
    { vhost: '/', queue: 'q', messages: 0, oldest_age_ms: null, consumers: [] },
  ])
  expect((await api.ask('/api/leveret/lag?vhost=v')).body).toEqual([])
  const stranger = await api.addUser('stranger', ['management'])
  expect((await api.ask('/api/leveret/lag', { as: stranger })).body).toEqual([])
})

describe('events', () => {
  /** What somebody is told, until there is as much of it. */
  async function told(as: string, act: () => Promise<unknown>, pattern: RegExp): Promise<string> {
    const headers = { authorization: `Basic ${btoa(as)}`, accept: 'text/event-stream' }
    const response = await api.app.inject({ url: '/api/leveret/events', headers, payloadAsStream: true })
    const stream = response.stream()
    let text = ''
    for await (const piece of stream) {
      if (text === '') await act()
      text += String(piece)
      if (pattern.test(text)) break
    }
    return text
  }

  it('are told as they happen', async () => {
    const text = await told('guest:guest', () => api.broker.administration.putUser('new', {}), /user.created.*\n.*\n\n/)
    expect(text).toMatch(/event: user.created\ndata: {"event":"user.created","timestamp":\d+/)
  })

  it('of a vhost are told to those who see it, others to nobody below monitoring', async () => {
    const me = await api.addUser('me', ['management'], ['/'])
    const act = async () => {
      await api.broker.administration.putUser('new', {})
      await api.broker.administration.putVhost('v')
      await api.change('PUT', '/api/queues/%2F/seen', {})
    }
    const text = await told(me, act, /queue.created/)
    expect(text).not.toMatch(/user.created/)
  })

  it('of a vhost are told as far as one may ask for them', async () => {
    const me = await api.addUser('me', ['management'], ['/'])
    const { administration, events } = api.broker
    const act = async () => {
      await administration.setPermission('guest', '/', { configure: 'secret', write: '', read: '' })
      await administration.parameters.set('/', 'shovel', 'hidden', {})
      for (const user of ['guest', 'me']) {
        events.tell('connection.created', () => ({ vhost: '/', user, name: `connection of ${user}` }))
        events.tell('channel.closed', () => ({ vhost: '/', user, name: `channel of ${user}` }))
        events.tell('consumer.created', () => ({ vhost: '/', user, queue: `queue of ${user}` }))
      }
      await administration.putUser('end', {})
      events.tell('queue.created', () => ({ vhost: '/', name: 'q' }))
    }
    const text = await told(me, act, /queue.created/)
    expect(text.match(/event: .*/g)).toEqual([
      'event: connection.created',
      'event: channel.closed',
      'event: consumer.created',
      'event: queue.created',
    ])
    expect(text).not.toMatch(/guest|secret|hidden/)
  })

  it('end for somebody who would not be let in any more', async () => {
    const me = await api.addUser('me', ['monitoring'])
    const act = async () => {
      await api.broker.administration.setUserTags('me', [])
      await api.broker.administration.putVhost('v')
    }
    expect(await told(me, act, /vhost.created/)).not.toMatch(/vhost.created/)
  })

  it('are told to nobody who has ended or gone, though the connection is still there', async () => {
    const me = await api.addUser('me', ['monitoring'])
    let heard = true
    const act = async () => {
      await api.broker.administration.setUserTags('me', [])
      api.broker.events.tell('vhost.created', () => ({ name: 'v' }))
      heard = api.broker.events.heard
      await api.broker.administration.setUserTags('me', ['monitoring'])
    }
    await told(me, act, /vhost.created/)
    expect(heard).toBe(false)
  })

  it('are not listened to for somebody who has gone while the password was looked at', async () => {
    const me = await api.addUser('me', ['monitoring'])
    const headers = { authorization: `Basic ${btoa(me)}`, accept: 'text/event-stream' }
    let asked = false
    const leaving: Routes = (scope, context) => {
      scope.addHook('preHandler', (_, { raw }, next) => {
        asked = true
        raw.once('close', () => next())
        raw.destroy()
      })
      insightRoutes(scope, context)
    }
    const app = await createApp(api.context, [leaving])
    await app.inject({ url: '/api/leveret/events', headers }).catch(() => {})
    await api.world.settle()
    await app.close()
    expect([asked, api.broker.events.heard, api.world.clock.timers]).toEqual([true, false, 0])
  })

  it('are in the format of server-sent events', () => {
    const event = { name: 'queue.created', atMs: 5, fields: { vhost: '/', name: 'q' } } as const
    expect(sent(event)).toBe(
      'event: queue.created\ndata: {"event":"queue.created","timestamp":5,"vhost":"/","name":"q"}\n\n',
    )
  })

  it('are kept alive by a comment every 15 seconds', async () => {
    const text = await told('guest:guest', async () => api.world.clock.advance(30_000), /(: still here\n\n){2}/)
    expect(text).toBe(': events of this broker\n\n: still here\n\n: still here\n\n')
  })

  it('end without an event for somebody who would not be let in any more', async () => {
    const me = await api.addUser('me', ['monitoring'])
    const act = async () => {
      await api.broker.administration.setUserTags('me', [])
      api.world.clock.advance(15_000)
    }
    expect(await told(me, act, /here/)).not.toContain('here')
    for (let turns = 0; api.world.clock.timers > 0 && turns < 1000; turns++) await api.world.clock.pass()
    expect(api.world.clock.timers).toBe(0)
  })

  it('are for who takes a stream', async () => {
    expect((await api.ask('/api/leveret/events', { method: 'HEAD' as never })).status).toBe(405)
    expect((await api.ask('/api/leveret/events')).status).toBe(400)
  })
})
