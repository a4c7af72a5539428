// `leveret queues`: what it asks the API, and what it says.

import { leveret } from '../../support/cli.ts'
import { type ScriptedApi, scriptedApi } from '../../support/scripted-api.ts'

let api: ScriptedApi
beforeEach(async () => {
  api = await scriptedApi()
})
afterEach(() => api.close())

const run = (...words: readonly string[]) => leveret(['queues', ...words, '--url', api.url])
const asked = () =>
  api.received.map(({ method, path, body }) => (body === undefined ? `${method} ${path}` : [`${method} ${path}`, body]))

describe('queues list', () => {
  it('prints those of all vhosts, or of one', async () => {
    const row = {
      vhost: '/',
      name: 'a',
      messages: 1,
      messages_ready: 1,
      messages_unacknowledged: 0,
      consumers: 0,
      state: 'running',
    }
    api.answer('GET /api/queues', { status: 200, body: [row] })
    api.answer('GET /api/queues/v', { status: 200, body: [] })
    expect((await run('list')).stdout).toBe(
      'vhost\tname\ttype\tstate\tmessages_ready\tmessages_unacknowledged\tmessages\tconsumers\n/\ta\tclassic\trunning\t1\t0\t1\t0\n',
    )
    expect((await run('-p', 'v', '--no-headers')).stdout).toBe('')
    expect(JSON.parse((await run('-o', 'json')).stdout)).toEqual([row])
  })
})

describe('queues show', () => {
  it('prints all that is known', async () => {
    api.answer('GET /api/queues/%2F/a', { status: 200, body: { name: 'a', messages: 3 } })
    expect(await run('show', 'a')).toMatchObject({ code: 0, stdout: 'name\ta\nmessages\t3\n' })
  })

  it('names the queue that was meant', async () => {
    api.answer('GET /api/queues/%2F', { status: 200, body: [{ name: 'orders' }] })
    expect(await run('show', 'oders')).toMatchObject({
      code: 65,
      stderr: 'leveret: there is no queue "oders" in vhost "/" (did you mean "orders"?)\n',
    })
  })
})

describe('queues declare', () => {
  it('sends type and arguments', async () => {
    api.answer('PUT /api/queues/v/a', { status: 201 })
    const { code, stderr } = await run(
      'declare',
      'a',
      '-p',
      'v',
      '--type',
      'quorum',
      '--argument',
      'x-max-length=5',
      '--no-durable',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'queue "a" is there in vhost "v"\n' })
    const body = { durable: false, auto_delete: false, arguments: { 'x-queue-type': 'quorum', 'x-max-length': 5 } }
    expect(asked()).toEqual([['PUT /api/queues/v/a', body]])
  })

  it('says what the broker says, and which vhost is not there', async () => {
    api.answer('PUT /api/queues/%2F/a', { status: 400, body: { error: 'bad_request', reason: 'inequivalent arg' } })
    expect(await run('declare', 'a')).toMatchObject({ code: 65, stderr: 'leveret: inequivalent arg\n' })
    api.answer('GET /api/vhosts', { status: 200, body: [{ name: 'shop' }] })
    const { stderr } = await run('declare', 'a', '-p', 'shp')
    expect(stderr).toBe('leveret: there is no vhost "shp" (did you mean "shop"?)\n')
  })

  it('is JSON on stderr for programs that asked for it', async () => {
    api.answer('PUT /api/queues/%2F/a', { status: 400, body: { error: 'bad_request', reason: 'inequivalent arg' } })
    const { stderr } = await run('declare', 'a', '-o', 'json')
    expect(JSON.parse(stderr)).toEqual({ error: 'bad_request', reason: 'inequivalent arg' })
  })
})

describe('queues delete', () => {
  const three = [{ name: 'test-1' }, { name: 'test-2' }, { name: 'keep' }]

  it('asks first', async () => {
    expect(await run('delete', 'a')).toMatchObject({
      code: 64,
      stderr: 'leveret: delete queue "a" of vhost "/" with all messages: this needs --yes where nobody can be asked\n',
    })
    expect(asked()).toEqual([])
  })

  it('deletes what a pattern matches', async () => {
    api.answer('GET /api/queues/%2F', { status: 200, body: three })
    for (const name of ['test-1', 'test-2']) api.answer(`DELETE /api/queues/%2F/${name}`, { status: 204 })
    const { code, stderr } = await run('delete', '--pattern', '^test-', '--if-empty', '-y')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '2 queues deleted from vhost "/"\n' })
    expect(asked().slice(1)).toEqual([
      'DELETE /api/queues/%2F/test-1?if-empty=true',
      'DELETE /api/queues/%2F/test-2?if-empty=true',
    ])
  })

  it('goes on when one fails, and says which', async () => {
    api.answer('GET /api/queues/%2F', { status: 200, body: three })
    api.answer('DELETE /api/queues/%2F/test-1', { status: 400, body: { error: 'bad_request', reason: 'in use' } })
    api.answer('DELETE /api/queues/%2F/test-2', { status: 204 })
    expect(await run('delete', '--pattern', 'test', '-y')).toMatchObject({ code: 65, stderr: 'leveret: in use\n' })
    expect((await run('delete', '--pattern', 'test', '-y', '--detailed-exit-codes')).code).toBe(3)
  })

  it('only tells in a dry run', async () => {
    expect(await run('delete', 'a', '--dry-run')).toMatchObject({ code: 0, stderr: 'would DELETE /api/queues/%2F/a\n' })
  })

  it.each([
    [[], 'expected names of queues, or --pattern'],
    [['a', '--pattern', 'b'], 'expected names of queues, or --pattern'],
    [['--pattern', '['], '--pattern: got "[", which is not a regular expression'],
  ])('refuses %j', async (words, message) => {
    expect(await run('delete', ...words)).toMatchObject({ code: 64, stderr: expect.stringContaining(message) })
  })

  it('says when nothing matches', async () => {
    api.answer('GET /api/queues/%2F', { status: 200, body: [] })
    expect(await run('delete', '--pattern', 'x')).toMatchObject({ code: 0, stderr: 'no queue matches\n' })
  })
})

describe('queues purge', () => {
  it('purges, or says which queue is not there', async () => {
    api.answer('DELETE /api/queues/%2F/a/contents', { status: 204 })
    expect(await run('purge', 'a', '--yes')).toMatchObject({ code: 0, stderr: 'queue "a" purged in vhost "/"\n' })
    expect(await run('purge', 'b', '--yes')).toMatchObject({
      code: 65,
      stderr: 'leveret: there is no queue "b" in vhost "/"\n',
    })
  })

  it('shows on a terminal how far a large queue is', async () => {
    api.answer('GET /api/queues/%2F/a', { status: 200, body: { name: 'a', messages_ready: 500_000 } })
    api.answer('DELETE /api/queues/%2F/a/contents', { status: 204 })
    const { code, stderr } = await leveret(['queues', 'purge', 'a', '--yes', '--url', api.url], { tty: true })
    expect(code).toBe(0)
    expect(stderr).toContain('purging a')
    expect(stderr).toMatch(/500k\/500k\s+100%/)
  })
})
