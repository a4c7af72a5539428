// `leveret bindings`: what it asks the API, and what it says.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const between = 'bindings/%2F/e/events/q/orders'
const rows = [
  {
    vhost: '/',
    source: 'events',
    destination: 'orders',
    destination_type: 'queue',
    routing_key: 'a',
    arguments: {},
    properties_key: 'a',
  },
  {
    vhost: '/',
    source: 'events',
    destination: 'orders',
    destination_type: 'queue',
    routing_key: 'a',
    arguments: { x: 1 },
    properties_key: 'a~h',
  },
]

describe('bindings', () => {
  it('are listed, by source and destination', async () => {
    peer.holds({ bindings: [...rows, { ...rows[0], source: 'other' }] })
    expect((await peer.run(['bindings', 'list', '--source', 'events', '-o', 'name'])).stdout).toBe('a\na~h\n')
    expect((await peer.run(['bindings', 'list', '--destination', 'nope', '-s'])).stdout).toBe('')
  })

  it('are declared', async () => {
    peer.takes(`POST /api/${between}`, 'POST /api/bindings/%2F/e/events/e/more')
    await peer.run(['bindings', 'declare', 'events', 'orders', '--routing-key', 'a', '--argument', 'x=1'])
    const { stderr } = await peer.run(['bindings', 'add', 'events', 'more', '--to-exchange'])
    expect(stderr).toBe('exchange "more" and exchange "events" are bound with ""\n')
    expect(peer.changes()).toEqual([
      [`POST /api/${between}`, { routing_key: 'a', arguments: { x: 1 } }],
      ['POST /api/bindings/%2F/e/events/e/more', { routing_key: '', arguments: {} }],
    ])
  })

  it.each([
    [{}, 'there is no vhost "/"'],
    [{ 'vhosts/%2F': {} }, 'there is no exchange "events" in vhost "/"'],
    [{ 'vhosts/%2F': {}, 'exchanges/%2F/events': {} }, 'there is no queue "orders" in vhost "/"'],
  ])('name what is missing when there is %j', async (answers, line) => {
    peer.holds(answers)
    expect((await peer.run(['bindings', 'declare', 'events', 'orders'])).stderr).toBe(`leveret: ${line}\n`)
  })

  it('are deleted by key and arguments, or all', async () => {
    peer.holds({ [between]: rows })
    peer.takes(`DELETE /api/${between}/a`, `DELETE /api/${between}/a~h`)
    await peer.run(['bindings', 'delete', 'events', 'orders', '--routing-key', 'a', '--argument', 'x=1'])
    expect(peer.changes()).toEqual([`DELETE /api/${between}/a~h`])
    expect((await peer.run(['bindings', 'delete', 'events', 'orders', '--all'])).stderr).toMatch(/^2 bindings between/)
  })

  it('that are not there are told by those that are', async () => {
    peer.holds({ [between]: rows.slice(0, 1) })
    expect(await peer.run(['bindings', 'delete', 'events', 'orders', '--routing-key', 'b'])).toMatchObject({
      code: 65,
      stderr: 'leveret: queue "orders" and exchange "events" are not bound with "b": they are bound with "a"\n',
    })
    peer.holds({ [between]: [] })
    expect((await peer.run(['bindings', 'delete', 'events', 'orders'])).stderr).toMatch(/nothing binds them/)
  })
})
