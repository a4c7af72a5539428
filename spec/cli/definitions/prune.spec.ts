// Deleting what a document does not have: in which order, by which paths.

import { difference } from '../../../src/cli/definitions/diff.ts'
import { removeAll } from '../../../src/cli/definitions/prune.ts'
import { readGlobals } from '../../../src/cli/globals.ts'
import { Task } from '../../../src/cli/task.ts'
import { cliPeer } from '../../support/cli.ts'
import { fakeTerminal } from '../../support/terminal.ts'

const peer = cliPeer()

it('takes everything away, what others depend on last', async () => {
  const document = {
    users: [{ name: 'u' }],
    vhosts: [{ name: 'v' }],
    permissions: [{ vhost: 'v', user: 'u' }],
    topic_permissions: [{ vhost: 'v', user: 'u', exchange: 'x' }],
    parameters: [{ vhost: 'v', component: 'c', name: 'n' }],
    policies: [{ vhost: 'v', name: 'p' }],
    queues: [{ vhost: 'v', name: 'q' }],
    exchanges: [{ vhost: 'v', name: 'x' }],
    bindings: [
      { vhost: 'v', source: 'x', destination: 'q', destination_type: 'queue', routing_key: 'k', arguments: {} },
    ],
  }
  const paths = [
    'bindings/v/e/x/q/q/k~1',
    'policies/v/p',
    'parameters/c/v/n',
    'queues/v/q',
    'exchanges/v/x',
    'topic-permissions/v/u/x',
    'permissions/v/u',
    'users/u',
    'vhosts/v',
  ].map((path) => `DELETE /api/${path}`)
  peer.holds({ 'bindings/v/e/x/q/q': [{ routing_key: 'k', arguments: {}, properties_key: 'k~1' }] })
  peer.takes(...paths)
  const task = new Task(fakeTerminal(), readGlobals({ url: peer.api.url }))
  const removed = difference(document, Object.fromEntries(Object.keys(document).map((key) => [key, []])))
  expect(await removeAll(task, removed)).toBe(9)
  task.close()
  expect(peer.changes()).toEqual(paths)
})
