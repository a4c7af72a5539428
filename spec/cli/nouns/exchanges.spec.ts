// `leveret exchanges`: what it asks the API, and what it says.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()

describe('exchanges', () => {
  it('are listed, the default one by a name for people', async () => {
    peer.holds({
      exchanges: [{ vhost: '/', name: '', type: 'direct', durable: true, auto_delete: false, internal: false }],
    })
    const { stdout } = await peer.run(['exchanges', '-o', 'table'])
    expect(stdout).toMatch(/\(default\)\s+direct\s+true/)
  })

  it('are shown, also the default one', async () => {
    peer.holds({ 'exchanges/%2F/amq.default': { name: '', type: 'direct' } })
    expect((await peer.run(['exchanges', 'show', ''])).stdout).toBe('name\t\ntype\tdirect\n')
  })

  it('are declared', async () => {
    peer.takes('PUT /api/exchanges/%2F/events')
    const words = [
      '--type',
      'topic',
      '--internal',
      '--auto-delete',
      '--no-durable',
      '--argument',
      'alternate-exchange=un',
    ]
    const { code, stderr } = await peer.run(['exchanges', 'declare', 'events', ...words])
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'exchange "events" is there in vhost "/"\n' })
    const body = {
      type: 'topic',
      durable: false,
      auto_delete: true,
      internal: true,
      arguments: { 'alternate-exchange': 'un' },
    }
    expect(peer.changes()).toEqual([['PUT /api/exchanges/%2F/events', body]])
  })

  it('are deleted by name or by pattern, but for those that every vhost has', async () => {
    peer.holds({ 'exchanges/%2F': [{ name: '' }, { name: 'amq.topic' }, { name: 'a1' }, { name: 'a2' }] })
    peer.takes('DELETE /api/exchanges/%2F/a1', 'DELETE /api/exchanges/%2F/a2')
    const { code, stderr } = await peer.run(['exchanges', 'delete', '--pattern', '^a', '--yes', '--if-unused'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '2 exchanges deleted from vhost "/"\n' })
    expect(peer.changes()).toEqual([
      'DELETE /api/exchanges/%2F/a1?if-unused=true',
      'DELETE /api/exchanges/%2F/a2?if-unused=true',
    ])
    expect((await peer.run(['exchanges', 'delete', '--pattern', 'zzz'])).stderr).toBe('no exchange matches\n')
  })
})
