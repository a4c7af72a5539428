// Bindings of exclusive queues: whose they are to remove (behaviour.md §5.4).

import { bindingSpec, Site } from '../support/site.ts'

let site: Site

beforeEach(async () => {
  site = await Site.start()
})

describe('a binding of an exclusive queue', () => {
  it('refuses to remove a binding of a queue that another connection owns, and only one that exists (§5.4)', async () => {
    const [mine, other] = [site.broker.registerOwner(), site.broker.registerOwner()]
    const declaration = { name: 'own', durable: false, exclusive: true, autoDelete: false, arguments: new Map() }
    await site.topology.declareQueue(declaration, mine)
    const bound = bindingSpec('amq.direct', 'own', 'k')
    await site.topology.bind(bound, mine)
    await expect(site.topology.unbind(bound, other)).rejects.toMatchObject({ code: 405 })
    await site.topology.unbind(bindingSpec('amq.direct', 'own', 'none'), other)
    await site.topology.unbind(bound, mine)
    expect(site.vhost.bindings.size).toBe(0)
  })
})
