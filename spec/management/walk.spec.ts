// Goes over all routes: nobody gets in without a name, nor with too few tags, nor into a vhost that is not theirs; each is
// described by a schema.

import { Api } from '../support/api.ts'
import { filled, type Operation, operationsOf } from '../support/open-api.ts'

let api: Api
let operations: readonly Operation[]
beforeAll(async () => {
  api = await Api.create()
  for (const tag of ['impersonator', 'management', 'policymaker', 'monitoring']) await api.addUser(tag, [tag], ['/'])
  await api.addUser('stranger', ['policymaker'])
  operations = await operationsOf(api)
})
afterAll(() => api.close())

const higher: Readonly<Record<string, readonly string[]>> = {
  management: ['impersonator'],
  policymaker: ['impersonator', 'management', 'monitoring'],
  monitoring: ['impersonator', 'management', 'policymaker'],
  administrator: ['impersonator', 'management', 'policymaker', 'monitoring'],
}

const urlOf = ({ path }: Operation) => filled(path, (name) => (name === 'vhost' ? '/' : 'x'))
const guarded = () => operations.filter(({ access }) => access !== 'none')

it('there are as many as RabbitMQ has that matter', () => {
  expect(operations.length).toBeGreaterThan(80)
})

it('what is open to anybody says nothing of the broker', () => {
  const open = operations.filter(({ access }) => access === 'none').map(({ path }) => path)
  expect(open.filter((path) => !/^\/(api\/auth|healthz|readyz|livez)$/.test(path))).toEqual([])
})

it('every route is described: who may use it, and what it answers', () => {
  for (const operation of operations) {
    const { method, path, access, responses } = operation
    expect([method, path, ['none', ...Object.keys(higher)]]).toEqual([method, path, expect.arrayContaining([access])])
    const good = Object.keys(responses).filter((status) => status.startsWith('2'))
    expect([method, path, good.length > 0]).toEqual([method, path, true])
  }
})

it('nobody gets in without a name', async () => {
  for (const operation of guarded()) {
    const { method } = operation
    const { status, headers } = await api.ask(urlOf(operation), { method, as: null })
    const challenge = headers['www-authenticate']
    expect([method, operation.path, status, challenge]).toEqual([
      method,
      operation.path,
      401,
      'Basic realm="RabbitMQ Management"',
    ])
  }
})

it('nobody gets in with too few tags', async () => {
  for (const operation of guarded()) {
    const { method, path, access } = operation
    for (const user of higher[access] ?? []) {
      const { status, body } = await api.ask(urlOf(operation), { method, as: `${user}:secret` })
      const error = method === 'HEAD' ? undefined : body.error
      expect([method, path, user, status, error]).toEqual([method, path, user, 401, error && 'not_authorised'])
    }
  }
})

it('nobody gets into a vhost that is not theirs', async () => {
  const inVhosts = guarded().filter(({ vhost, access }) => vhost !== undefined && access !== 'administrator')
  expect(inVhosts.length).toBeGreaterThan(20)
  for (const operation of inVhosts) {
    const { method, path } = operation
    const as = operation.access === 'monitoring' ? 'impersonator:secret' : 'stranger:secret'
    const { status } = await api.ask(urlOf(operation), { method, as })
    expect([method, path, status]).toEqual([method, path, 401])
  }
})

it('every route whose path names a vhost looks whose it is', () => {
  const open = operations
    .filter(
      ({ params, vhost, access }) => params.includes('vhost') && vhost === undefined && access !== 'administrator',
    )
    .map(({ method, path }) => `${method} ${path}`)
  expect(open).toEqual([])
})
