// The names of RabbitMQ's tools.

import { isCompatName, nodeHost } from '../../../src/cli/compat/names.ts'

describe('names', () => {
  it.each(['rabbitmqctl', 'rabbitmq-diagnostics', 'rabbitmq-plugins', 'rabbitmqadmin'])('knows %s', (name) => {
    expect(isCompatName(name)).toBe(true)
  })

  it.each([undefined, '', 'queues', 'rabbitmq'])('does not know %s', (name) => {
    expect(isCompatName(name)).toBe(false)
  })

  it.each([
    ['rabbit@other', 'other'],
    ['rabbit@localhost', undefined],
    ['rabbit', undefined],
    [undefined, undefined],
  ])('takes from node %s the host %s', (node, host) => {
    expect(nodeHost(node)).toBe(host)
  })
})
