// The node and its overview, from what the process was measured to have.

import { exchangeTypesView, NO_FACTS, nodeView, overviewView, queueTotals } from '../../../src/management/views/node.ts'
import { Api } from '../../support/api.ts'

it('shows what was measured', async () => {
  const api = await Api.create()
  const facts = {
    ...NO_FACTS,
    memoryUsed: 1,
    memoryLimit: 2,
    diskFree: 3,
    diskFreeLimit: 4,
    filesUsed: 5,
    filesTotal: 6,
  }
  api.world.clock.advance(1000)
  expect(nodeView(api.context, { ...facts, folder: '/data' })).toMatchObject({
    ...{ mem_used: 1, mem_limit: 2, disk_free: 3, disk_free_limit: 4, fd_used: 5, fd_total: 6, db_dir: '/data' },
    ...{ mem_used_details: { rate: 0 }, sockets_used: 0, uptime: api.world.clock.now(), gc_num: 0 },
  })
  expect(exchangeTypesView()).toContainEqual(expect.objectContaining({ name: 'x-delayed-message', enabled: true }))
  expect(await queueTotals(api.context)).toEqual({ ready: 0, unacked: 0 })
  expect(await overviewView(api.context)).toMatchObject({ message_stats: {}, node: 'leveret@here' })
  await api.close()
})
