// The second grammar of rabbitmqadmin, rewritten into the first.

import { asFirst } from '../../../../src/cli/compat/admin/second.ts'

describe('the second grammar', () => {
  it.each([
    ['queues list', 'list queues'],
    ['-H a --vhost / queues list', '-H a --vhost / list queues'],
    ['queues declare --name q --type quorum --durable true', 'declare queue name=q queue_type=quorum durable=true'],
    ['declare queue --name q --auto-delete', 'declare queue name=q auto_delete=true'],
    [
      'declare binding --source e --destination q --routing-key=k --destination-type queue',
      'declare binding source=e destination=q routing_key=k destination_type=queue',
    ],
    ['exchanges delete --name e', 'delete exchange name=e'],
    ['connections close --name c', 'close connection name=c'],
    ['queues purge --name q', 'purge queue name=q'],
    ['operator-policies list', 'list operator_policies'],
    ['publish message --routing-key k --payload p', 'publish routing_key=k payload=p'],
    [
      'get messages --queue q --count 2 --ack-mode reject_requeue_true',
      'get queue=q count=2 ackmode=reject_requeue_true',
    ],
    ['definitions export --file a.json', 'export a.json'],
    ['definitions import --file=a.json', 'import a.json'],
    ['declare queue --name q --vhost v', 'declare queue name=q --vhost v'],
  ])('%s is %s', (line, first) => {
    expect(asFirst(line.split(' '))).toEqual(first.split(' '))
  })

  it.each([
    'list queues name',
    'declare queue name=q',
    '-q publish routing_key=k',
    'export a.json',
    'help subcommands',
    '-f tsv',
  ])('leaves %s', (line) => {
    expect(asFirst(line.split(' '))).toEqual(line.split(' '))
  })
})
