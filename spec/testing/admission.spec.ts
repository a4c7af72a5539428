// Who may use a vhost of a test broker.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admit } from '../../src/testing/admission.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite | null = null

afterEach(async () => {
  await site?.close()
  site = null
})

it('lets a user in whom nobody knew, and leaves others as they are', async () => {
  site = await TestSite.open()
  const { broker } = site.broker
  await admit(broker, { name: '/', user: 'app', password: 'secret' }, ['monitoring'])
  expect(broker.users.get('app')).toMatchObject({ tags: ['monitoring'] })
  await admit(broker, { name: '/', user: 'app', password: 'other' }, [])
  const client = await site.client(`amqp://app:secret@127.0.0.1:${site.broker.port}/`)
  await (await client.createChannel()).assertQueue('q')
})

it('lets the user of the URL in where definitions have users of their own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leveret-definitions-'))
  try {
    const file = join(folder, 'definitions.json')
    const users = [{ name: 'app', password: 'x', tags: '' }]
    const queues = [{ name: 'q', vhost: '/', durable: true, auto_delete: false, arguments: {} }]
    await writeFile(file, JSON.stringify({ users, vhosts: [{ name: '/' }], queues }))
    site = await TestSite.open({ settings: { loadDefinitions: file } })
    const channel = await site.channel()
    await channel.checkQueue('q')
    // What is declared there is there for a test of its own as well.
    const isolated = await site.broker.isolate()
    await isolated.restore(await site.broker.vhost.snapshot())
    expect(isolated.queues()).toEqual(['q'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
