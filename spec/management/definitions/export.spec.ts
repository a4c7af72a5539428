// A broker written down: the shape of RabbitMQ's exports, and an equal broker made of one.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportBroker, exportVhost } from '../../../src/management/definitions/export.ts'
import { readDefinitions } from '../../../src/management/definitions/read.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { Site } from '../../support/site.ts'

type Sample = { [section: string]: { [field: string]: unknown }[] }

const versions = { rabbit: '3.10.8', product: '0.1.0' }
function sample(name: string): Sample {
  return JSON.parse(readFileSync(join(__dirname, '..', 'samples', name), 'utf8'))
}
const sections = (json: object) => Object.entries(json).filter(([, value]) => Array.isArray(value))

/** Lists in an order that only depends on what is in them. */
function sorted(json: object): object {
  return Object.fromEntries(
    sections(json).map(([name, list]) => [name, (list as object[]).map((each) => JSON.stringify(each)).sort()]),
  )
}

let site: Site

beforeEach(async () => {
  site = await Site.start()
})

afterEach(async () => {
  await site.broker.stop()
})

it('what RabbitMQ 3.10 exported is exported again as it was', async () => {
  const json = sample('definitions.json')
  await site.broker.adoption.adopt(readDefinitions(json))
  const exported = exportBroker(site.broker, versions)
  expect(sorted(exported)).toEqual(sorted(json))
  expect(Object.keys(exported)).toEqual(Object.keys(json))
  const ofVhost = sample('definitions__2F.json')
  expect(sorted(exportVhost(site.vhost, versions))).toEqual(sorted(ofVhost))
  expect(Object.keys(exportVhost(site.vhost, versions))).toEqual(Object.keys(ofVhost))
})

it('another broker is made of an export, and exported as the same', async () => {
  const { administration, adoption } = site.broker
  await adoption.adopt(readDefinitions(sample('definitions.json')))
  await administration.putVhost('w', { description: 'mine', tags: ['a'], defaultQueueType: 'quorum' })
  await administration.putUser('me', { password: 'mine' })
  await administration.parameters.set('w', 'shovel', 's', { 'src-queue': 'a' })
  await site.declareQueue('of a client', { arguments: table({ 'x-max-length': 5 }) })
  await site.bindExchange('amq.topic', 'e1', 'k', table({ a: 'b' }))
  const exported = exportBroker(site.broker, versions)
  const other = await Site.start()
  await other.broker.adoption.adopt(readDefinitions(JSON.parse(JSON.stringify(exported))))
  expect(sorted(exportBroker(other.broker, versions))).toEqual(sorted(exported))
  expect(await other.broker.logins.check('me', 'mine')).toBeDefined()
  expect((await other.broker.adoption.adopt(readDefinitions(exported))).changes).toEqual([])
  await other.broker.stop()
})

it('what belongs to a connection, and what every vhost has, is left out', async () => {
  await site.declareQueue('mine', { exclusive: true, durable: false })
  await site.bind('amq.topic', 'mine')
  const { queues, exchanges, bindings } = exportBroker(site.broker, versions)
  expect([queues, exchanges, bindings]).toEqual([[], [], []])
})

it('what is set for a vhost is said twice, as RabbitMQ 4 does', async () => {
  await site.broker.administration.putVhost('/', { description: 'mine' })
  expect(exportBroker(site.broker, versions)['vhosts']).toEqual([
    { name: '/', description: 'mine', metadata: { description: 'mine', tags: [] } },
  ])
})
