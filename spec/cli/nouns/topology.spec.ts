// `leveret topology`: the formats of a drawing.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()

it.each([
  [[], /^exchange x \(fanout\)\n└─ queue q/],
  [['--format', 'dot'], /^digraph topology \{\n/],
  [['--format', 'mermaid'], /^flowchart LR\n/],
  [['-o', 'json'], /"vhost": "\/"/],
])('draws with %j', async (words, text) => {
  peer.holds({
    'exchanges/%2F': [{ name: 'x', type: 'fanout' }],
    'queues/%2F': [{ name: 'q' }],
    'bindings/%2F': [{ source: 'x', destination: 'q', destination_type: 'queue', routing_key: '' }],
  })
  expect(await peer.run(['topology', ...words])).toMatchObject({ code: 0, stdout: expect.stringMatching(text) })
})

it('draws nothing that is not there', async () => {
  expect(await peer.run(['topology', '-p', 'nope'])).toMatchObject({
    code: 65,
    stderr: 'leveret: there is no vhost "nope"\n',
  })
})
