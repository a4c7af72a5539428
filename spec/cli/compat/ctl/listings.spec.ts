// Lists in rabbitmqctl's grammar: columns, and where they stand in the API's answers.

import { ctl } from '../../../support/ctl.ts'

const queue = {
  name: 'q1',
  vhost: '/',
  messages: 1,
  policy: null,
  arguments: { 'x-message-ttl': 60000 },
  durable: true,
}

describe('list_queues', () => {
  const answers = { 'GET /api/queues/%2F': [queue] }

  it('prints names and messages', async () => {
    expect((await ctl('list_queues', answers)).stdout).toBe(
      'Timeout: 60.0 seconds ...\nListing queues for vhost / ...\nname\tmessages\nq1\t1\n',
    )
    expect((await ctl('-s list_queues', answers)).stdout).toBe('q1\t1\n')
    expect((await ctl('-q list_queues --no-table-headers', answers)).stdout).toBe('q1\t1\n')
  })

  it('prints the columns that are named', async () => {
    expect((await ctl('-q list_queues name arguments policy durable', answers)).stdout).toBe(
      'name\targuments\tpolicy\tdurable\nq1\t[{"x-message-ttl",60000}]\t\ttrue\n',
    )
  })

  it('says nothing before what machines read', async () => {
    const { stdout } = await ctl('list_queues name policy --formatter json', answers)
    expect(JSON.parse(stdout)).toEqual([{ name: 'q1', policy: '' }])
  })

  it('refuses other columns with 64, its arguments and its usage', async () => {
    expect(await ctl('-q list_queues nosuch')).toMatchObject({
      code: 64,
      stdout: '',
      stderr: `Error (argument validation): Info key(s) nosuch are not supported
Arguments given:
\t-q list_queues nosuch

\u001b[1mUsage\u001b[0m

rabbitmqctl [--node <node>] [--longnames] [--quiet] list_queues [--vhost <vhost>] [--online] [--offline] [--local] [--no-table-headers] [<column>, ...] [--timeout <timeout>]
`,
    })
  })

  it('names a vhost that is not there, and knows no node that is off', async () => {
    expect(await ctl('list_queues -p v')).toMatchObject({
      code: 65,
      stderr: "Error:\nVirtual host 'v' does not exist\n",
    })
    expect((await ctl('-q list_queues --offline', answers)).stdout).toBe('')
  })
})

describe('other lists', () => {
  it.each([
    ['list_exchanges', { 'GET /api/exchanges/%2F': [{ name: 'e', type: 'topic' }] }, 'name\ttype\ne\ttopic\n'],
    [
      'list_bindings',
      {
        'GET /api/bindings/%2F': [
          { source: 'e', destination: 'q', destination_type: 'queue', routing_key: 'a.b', arguments: { k: 1 } },
        ],
      },
      'source_name\tsource_kind\tdestination_name\tdestination_kind\trouting_key\targuments\ne\texchange\tq\tqueue\ta.b\t[{"k",1}]\n',
    ],
    [
      'list_connections',
      { 'GET /api/connections': [{ user: 'u', peer_host: '::1', peer_port: 1, state: 'running' }] },
      'user\tpeer_host\tpeer_port\tstate\nu\t::1\t1\trunning\n',
    ],
    ['list_connections pid name', { 'GET /api/connections': [{ name: 'c' }] }, 'pid\tname\nc\tc\n'],
    [
      'list_channels',
      { 'GET /api/channels': [{ name: 'c (1)', user: 'u', consumer_count: 0, messages_unacknowledged: 2 }] },
      'pid\tuser\tconsumer_count\tmessages_unacknowledged\nc (1)\tu\t0\t2\n',
    ],
    [
      'list_consumers',
      {
        'GET /api/consumers/%2F': [
          {
            queue: { name: 'q' },
            channel_details: { name: 'c (1)' },
            consumer_tag: 't',
            ack_required: true,
            prefetch_count: 5,
            active: true,
            arguments: {},
          },
        ],
      },
      'queue_name\tchannel_pid\tconsumer_tag\tack_required\tprefetch_count\tactive\targuments\nq\tc (1)\tt\ttrue\t5\ttrue\t[]\n',
    ],
    ['list_unresponsive_queues', {}, ''],
  ])('%s', async (line, answers, stdout) => {
    expect(await ctl(`-q ${line}`, answers)).toMatchObject({ code: 0, stdout })
  })
})
