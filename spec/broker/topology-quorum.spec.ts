// What queue.delete cannot ask of a quorum queue (behaviour.md §6.4).

import { table } from '../../src/protocol/field-table.ts'
import { connectionError } from '../support/errors.ts'
import { Site } from '../support/site.ts'

describe('a quorum queue', () => {
  it.each([
    [true, false, 'if-unused'],
    [false, true, 'if-empty'],
    [true, true, 'if-unused'],
  ])('is not deleted on conditions, if-unused %s, if-empty %s', async (ifUnused, ifEmpty, flag) => {
    const site = await Site.start()
    await site.declareQueue('q', { arguments: table({ 'x-queue-type': 'quorum' }) })
    const why = `queue.delete operations with ${flag} flag set are not supported by quorum queues`
    const attempt = site.topology.deleteQueue('q', site.owner, ifUnused, ifEmpty)
    await expect(attempt).rejects.toEqual(connectionError(540, `cannot delete queue 'q' in vhost '/'. ${why}`))
    expect(await site.topology.deleteQueue('q', site.owner, false, false)).toBe(0)
    expect(site.vhost.queues.has('q')).toBe(false)
    await site.broker.stop()
  })
})
