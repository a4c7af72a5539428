// rabbitmqadmin's subcommands: what they ask the API, print, and exit with.

import { CommandError } from '../../../../src/cli/command-error.ts'
import { admin } from '../../../support/ctl.ts'

describe('list and show', () => {
  it('ask for the columns that are printed', async () => {
    const answers = { 'GET /api/queues?columns=name,messages': [{ name: 'a', messages: 1 }] }
    expect(await admin('-f tsv list queues', answers)).toMatchObject({ code: 0, stdout: 'name\tmessages\na\t1\n' })
    const sorted = { 'GET /api/queues/%2F?columns=name&sort=name&sort_reverse=true': [{ name: 'a' }] }
    expect(await admin('-V / -S name -R -f bash list queues name', sorted)).toMatchObject({ code: 0, stdout: 'a\n' })
  })

  it('ask for all when there is a depth, or JSON', async () => {
    expect((await admin('-d 2 list queues', { 'GET /api/queues': [] })).stdout).toBe('No items\n')
    expect((await admin('-f raw_json list vhost_limits', { 'GET /api/vhost-limits': [] })).stdout).toBe('[]\n')
  })

  it('show one thing as a list of one', async () => {
    const answers = { 'GET /api/overview?columns=node': { node: 'rabbit@here' } }
    expect((await admin('-f tsv show overview node', answers)).stdout).toBe('node\nrabbit@here\n')
  })
})

describe('declare, delete, close, purge', () => {
  it('say what was done, unless they are quiet', async () => {
    expect(await admin('declare vhost name=v')).toMatchObject({
      code: 0,
      stdout: 'vhost declared\n',
      received: [['PUT /api/vhosts/v', { name: 'v', vhost: '/' }]],
    })
    expect(await admin('-q declare vhost name=v')).toMatchObject({ stdout: '' })
    expect(await admin('declare binding source=e destination=q')).toMatchObject({
      received: [['POST /api/bindings/%2F/e/e/q/q', expect.objectContaining({ routing_key: '' })]],
    })
    expect(await admin('delete queue name=q')).toMatchObject({ stdout: 'queue deleted\n' })
    expect(await admin('close connection name=c')).toMatchObject({ stdout: 'connection closed\n' })
    expect(await admin('purge queue name=q')).toMatchObject({
      stdout: 'queue purged\n',
      received: [['DELETE /api/queues/%2F/q/contents']],
    })
  })

  it('understand the second grammar', async () => {
    expect(await admin('queues declare --name q --type stream')).toMatchObject({
      received: [['PUT /api/queues/%2F/q', expect.objectContaining({ arguments: { 'x-queue-type': 'stream' } })]],
    })
  })
})

describe('publish and get', () => {
  const post = 'POST /api/exchanges/%2F/amq.default/publish'

  it('say whether the message was routed', async () => {
    expect(await admin('publish routing_key=q payload=hi', { [post]: { routed: true } })).toMatchObject({
      stdout: 'Message published\n',
    })
    expect(await admin('publish routing_key=q payload=hi', { [post]: { routed: false } })).toMatchObject({
      code: 0,
      stdout: 'Message published but NOT routed\n',
    })
  })

  it('read the payload from standard input', async () => {
    const { received } = await admin('publish routing_key=q', { [post]: { routed: true } }, { input: 'hi' })
    expect(received[0]?.[1]).toMatchObject({ payload: 'aGk=', payload_encoding: 'base64' })
  })

  it('print messages, or write one to a file', async () => {
    const message = {
      routing_key: 'q',
      exchange: '',
      message_count: 0,
      payload: 'aGk=',
      payload_bytes: 2,
      payload_encoding: 'base64',
      redelivered: false,
    }
    const answers = { 'POST /api/queues/%2F/q/get': [message] }
    expect((await admin('-f tsv get queue=q', answers)).stdout).toContain('q\t\t0\taGk=\t2\tbase64\tFalse')
    expect(await admin('get queue=q payload_file=f', answers)).toMatchObject({ written: { f: 'hi' } })
    expect(await admin('get queue=q payload_file=f count=2', answers)).toMatchObject({ code: 1 })
    expect(await admin('get queue=q payload_file=f', { 'POST /api/queues/%2F/q/get': [] })).toMatchObject({
      code: 1,
      stderr: '*** Queue q is empty, nothing was written to f\n\n',
    })
  })
})

describe('export and import', () => {
  it('move definitions, of one vhost when one is named', async () => {
    expect(await admin('export d.json', { 'GET /api/definitions': { queues: [] } })).toMatchObject({
      stdout: 'Exported definitions for localhost to "d.json"\n',
      written: { 'd.json': '{"queues":[]}' },
    })
    const files = { 'd.json': '{"queues":[]}', 'bad.json': '{' }
    expect(await admin('-V v import d.json', {}, { files })).toMatchObject({
      received: [['POST /api/definitions/v', { queues: [] }]],
    })
    expect(await admin('import bad.json', {}, { files })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('bad.json is not JSON'),
    })
    expect(await admin('import nosuch.json')).toMatchObject({ code: 1 })
    expect(await admin('import')).toMatchObject({ code: 1, stderr: expect.stringContaining('Exactly one argument') })
  })
})

describe('what goes wrong', () => {
  it.each([
    ['', 1, '\nERROR: Action not specified\n\nrabbitmqadmin --help for help\n\n'],
    ['nosuch', 1, '\nERROR: Action nosuch not understood\n\nrabbitmqadmin --help for help\n\n'],
    ['list nosuch', 1, "\nERROR: Don't know how to list nosuch\n\nrabbitmqadmin --help for help\n\n"],
    ['declare', 1, '\nERROR: Type not specified\n\nrabbitmqadmin --help for help\n\n'],
    ['declare nosuch', 1, '\nERROR: Type nosuch not recognised\n\nrabbitmqadmin --help for help\n\n'],
    [
      'help nosuch',
      1,
      '\nERROR: help topic must be one of:\n  subcommands\n  config\n\nrabbitmqadmin --help for help\n\n',
    ],
    ['--nosuch', 2, 'Usage: rabbitmqadmin [options] subcommand\n\nrabbitmqadmin: error: no such option: --nosuch\n'],
    [
      '-c nosuch.conf list queues',
      1,
      "\nERROR: Could not read config file 'nosuch.conf'\n\nrabbitmqadmin --help for help\n\n",
    ],
  ])('in "%s" ends with %d', async (line, code, stderr) => {
    expect(await admin(line)).toMatchObject({ code, stderr })
  })

  it.each([
    [{ status: 400, body: { error: 'bad_request', reason: 'no' } }, '*** no\n\n'],
    [{ status: 401, body: {} }, '*** Access refused: /api/queues/%2F/q\n\n'],
    [{ status: 404, body: {} }, '*** Not found: /api/queues/%2F/q\n\n'],
    [{ status: 500, body: undefined }, '*** Received response 500 for path /api/queues/%2F/q\n\n'],
    [new CommandError('nothing listens'), '*** Could not connect: nothing listens\n\n'],
  ])('is told: %j', async (answer, stderr) => {
    expect(await admin('declare queue name=q', { 'PUT /api/queues/%2F/q': answer })).toMatchObject({ code: 1, stderr })
  })

  it('is not what asks no broker', async () => {
    for (const line of ['--help', 'help', 'help subcommands', 'help config', '--version', '--bash-completion']) {
      expect(await admin(line)).toMatchObject({ code: 0, received: [], stderr: '' })
    }
  })

  it('reads ~/.rabbitmqadmin.conf', async () => {
    const files = { '/home/me/.rabbitmqadmin.conf': '[default]\nhostname = a\n' }
    const { options } = await admin('list users', { 'GET /api/users': [] }, { files })
    expect(options?.hostname).toBe('a')
  })
})
