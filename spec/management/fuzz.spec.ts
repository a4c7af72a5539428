// Asks for all sorts of things, made from the schemas of the routes and spoilt in many ways, the same in every run: nothing
// may be answered with 500, and the broker lives. FUZZ_REQUESTS asks for more of it (scripts/fuzz-http asks 10,000 times).

import fc from 'fast-check'
import { Api } from '../support/api.ts'
import { filled, type Operation, operationsOf, type Schema } from '../support/open-api.ts'

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 400)
const SEED = Number(process.env['FUZZ_SEED'] ?? 5)

const names = [
  '/',
  'v',
  'q',
  'q2',
  'x',
  'amq.default',
  'amq.topic',
  'guest',
  'user',
  'max-queues',
  'e',
  'here',
  '~',
  'k',
]
const odd = [
  '',
  ' ',
  '%',
  '%2F',
  '..',
  'ü',
  '\u{1f407}',
  '\0',
  '"',
  "'",
  '\\',
  '__proto__',
  'constructor',
  'x'.repeat(300),
  '-1',
]
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
)
// A name that a path can have: not the folder itself or the one above.
const part = word.filter((text) => text !== '' && text !== '.' && text !== '..')
const definitions = fc.constantFrom(
  'max-length',
  'message-ttl',
  'x-queue-type',
  'x-max-priority',
  'alternate-exchange',
  'expires',
)
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
  fc.dictionary(definitions, fc.oneof(fc.integer(), word, fc.boolean()), { maxKeys: 3 }),
)

/** What a schema asks for, mostly. */
function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema?.const !== undefined) return fc.constant(schema.const)
  if (schema?.enum) return fc.constantFrom(...schema.enum)
  if (schema?.anyOf) return fc.oneof(...schema.anyOf.map(fitting))
  switch (schema?.type) {
    case 'object': {
      const properties = Object.entries<Schema>(schema.properties ?? {}).map(
        ([name, each]) => [name, mostly(each)] as const,
      )
      return fc.record(Object.fromEntries(properties), { requiredKeys: schema.required ?? [] })
    }
    case 'array':
      return fc.array(mostly(schema.items), { maxLength: 3 })
    case 'string':
      return word
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: -2, max: 20 }), fc.integer(), fc.double())
    case 'boolean':
      return fc.boolean()
    default:
      return anything
  }
}

function mostly(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: fitting(schema) }, { weight: 1, arbitrary: anything })
}

const body = (schema: Schema | undefined): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    { weight: 8, arbitrary: schema ? mostly(schema).map((value) => JSON.stringify(value)) : fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, '', '{', 'null', '"{}"', '[]', '{"__proto__":1}') },
    { weight: 1, arbitrary: anything.map((value) => JSON.stringify(value)) },
  )

const others = fc.constantFrom('user:secret', 'monitor:secret', 'guest:guest', null)

interface Request {
  readonly operation: Operation
  readonly url: string
  readonly payload: string | undefined
  readonly as: string | null
}

function requests(operations: readonly Operation[]): fc.Arbitrary<Request> {
  return fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      url: fc
        .tuple(
          fc.array(part, { minLength: 4, maxLength: 4 }),
          fc.oneof({ weight: 3, arbitrary: fc.constant('/') }, { weight: 1, arbitrary: part }),
          fc.dictionary(fc.constantFrom('page', 'nothing', ...operation.query.map(({ name }) => name)), word, {
            maxKeys: 3,
          }),
        )
        .map(([parts, vhost, query]) => {
          let next = 0
          const path = filled(operation.path, (name) => (name === 'vhost' ? vhost : (parts[next++] ?? 'x')))
          const text = new URLSearchParams(query as Record<string, string>).toString()
          return text === '' ? path : `${path}?${text}`
        }),
      payload: body(operation.body),
      as: fc.oneof({ weight: 8, arbitrary: fc.constant('root:secret') }, { weight: 1, arbitrary: others }),
    }),
  )
}

it(
  `answers ${REQUESTS} odd requests without a fault`,
  async () => {
    const api = await Api.create()
    await api.addUser('root', ['administrator'], ['/'])
    await api.addUser('user', ['management'], ['/'])
    await api.addUser('monitor', ['monitoring', 'policymaker'], ['/'])
    const operations = (await operationsOf(api)).filter(({ path }) => !path.includes('/events'))
    const statuses = new Map<number, number>()
    for (const { operation, url, payload, as } of fc.sample(requests(operations), { numRuns: REQUESTS, seed: SEED })) {
      const { method } = operation
      const asked = {
        method,
        as,
        ...(payload === undefined || method === 'GET' || method === 'HEAD' ? {} : { body: payload }),
      }
      const { status } = await api.ask(url, asked)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    if (REQUESTS > 400) process.stdout.write(`${JSON.stringify(Object.fromEntries([...statuses].sort()))}\n`)
    expect(api.world.log.defects).toEqual([])
    expect((statuses.get(200) ?? 0) + (statuses.get(201) ?? 0) + (statuses.get(204) ?? 0)).toBeGreaterThan(
      REQUESTS / 10,
    )
    expect((await api.ask('/api/whoami', { as: 'root:secret' })).status).toBe(200)
    await api.close()
  },
  Math.max(REQUESTS * 200, 20_000),
)
