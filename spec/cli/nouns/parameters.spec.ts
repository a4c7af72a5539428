// `leveret parameters`: what it asks the API.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const at = '/api/parameters/shovel/%2F/s1'

describe('parameters', () => {
  it('are listed by vhost and component, or the global ones', async () => {
    const rows = [
      { vhost: '/', component: 'shovel', name: 's1', value: {} },
      { vhost: 'shop', component: 'shovel', name: 's2', value: {} },
      { vhost: '/', component: 'other', name: 's3', value: {} },
    ]
    peer.holds({ parameters: rows, 'global-parameters': [{ name: 'g', value: 1 }] })
    const names = async (...words: string[]) => (await peer.run(['parameters', 'list', '-o', 'name', ...words])).stdout
    expect(await names('-p', '/')).toBe('s1\ns3\n')
    expect(await names('--component', 'shovel')).toBe('s1\ns2\n')
    expect(await names('--global')).toBe('g\n')
  })

  it('are set and deleted', async () => {
    peer.takes(`PUT ${at}`, `DELETE ${at}`, 'PUT /api/global-parameters/g', 'DELETE /api/global-parameters/g')
    await peer.run(['parameters', 'set', 'shovel', 's1', '{"a":1}'])
    await peer.run(['parameters', 'delete', 'shovel', 's1'])
    await peer.run(['parameters', 'set-global', 'g', '"text"'])
    await peer.run(['parameters', 'delete-global', 'g'])
    expect(peer.changes()).toEqual([
      [`PUT ${at}`, { component: 'shovel', vhost: '/', name: 's1', value: { a: 1 } }],
      `DELETE ${at}`,
      ['PUT /api/global-parameters/g', { name: 'g', value: 'text' }],
      'DELETE /api/global-parameters/g',
    ])
  })

  it('are JSON, and there', async () => {
    expect((await peer.run(['parameters', 'set', 'shovel', 's1', 'x'])).stderr).toMatch(
      /the value of "s1": got x, which is not JSON/,
    )
    expect((await peer.run(['parameters', 'delete', 'shovel', 'x'])).stderr).toBe(
      'leveret: there is no parameter "x" there\n',
    )
  })
})
