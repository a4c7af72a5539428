// Fields of objects in a document, and complaints that name the place.

import { Complaints, Fields, isObject, objectsIn } from '../../../src/management/definitions/fields.ts'
import type { JsonObject } from '../../../src/management/field-json.ts'
import { table } from '../../../src/protocol/field-table.ts'

let complaints: Complaints

beforeEach(() => {
  complaints = new Complaints()
})

const fieldsOf = (object: JsonObject) => new Fields('queues[3]', object, complaints)
const told = () => complaints.refusal?.message.split('\n') ?? []

it('fields are read as what they are', () => {
  const fields = fieldsOf({
    name: 'q',
    durable: false,
    kind: 'b',
    tags: ['a', ''],
    words: 'a, b',
    limits: [],
    inner: { x: 1 },
    nothing: null,
  })
  expect([fields.text('name'), fields.flag('durable'), fields.choice('kind', ['a', 'b'])]).toEqual(['q', false, 'b'])
  expect([fields.texts('tags'), fields.texts('words'), fields.texts('none')]).toEqual([['a'], ['a', 'b'], []])
  expect([fields.object('limits'), fields.object('none'), fields.inner('inner').json('x')]).toEqual([{}, {}, 1])
  expect(fields.table('inner')).toEqual(new Map([['x', { tag: 'l', value: 1 }]]))
  expect([fields.table('none'), fields.text('nothing', 'else'), fields.flag('none', true)]).toEqual([
    table({}),
    'else',
    true,
  ])
  expect([fields.has('name'), fields.has('nothing'), fields.has('constructor')]).toEqual([true, false, false])
  expect(complaints.refusal).toBeNull()
})

it('what is missing or something else is told by its place', () => {
  const fields = fieldsOf({ name: 5, durable: 'yes', kind: 'c', tags: [1], inner: [1], args: { a: 1e300 }, long: {} })
  fields.text('none')
  fields.text('name')
  fields.text('long')
  fields.flag('durable')
  fields.choice('kind', ['a', 'b'], 'a')
  fields.texts('tags')
  fields.object('inner')
  fields.table('args')
  fields.inner('args').flag('a')
  expect(told()).toEqual([
    'queues[3].none: is missing; expected a text',
    'queues[3].name: expected a text, not 5',
    'queues[3].long: expected a text, not an object',
    'queues[3].durable: expected true or false, not "yes"',
    'queues[3].kind: expected one of a, b, not "c"',
    'queues[3].tags: expected a list of texts, not a list',
    'queues[3].inner: expected an object, not a list',
    'queues[3].args.a: 1e+300 does not fit into 64 bits',
    'queues[3].args.a: expected true or false, not 1e+300',
  ])
  expect(complaints.refusal).toMatchObject({ name: 'AdministrationError', kind: 'invalid' })
})

it('lists consist of objects', () => {
  const document = { queues: [{ name: 'q' }, 'x', null], exchanges: {}, users: null }
  const found = objectsIn(document, 'queues', complaints)
  expect(found.map(({ place }) => place)).toEqual(['queues[0]'])
  for (const name of ['exchanges', 'users', 'bindings']) expect(objectsIn(document, name, complaints)).toEqual([])
  expect(told()).toEqual([
    'queues[1]: expected an object, not "x"',
    'queues[2]: expected an object, not null',
    'exchanges: expected a list of objects, not an object',
  ])
  expect([{}, [], null, 'x'].map(isObject)).toEqual([true, false, false, false])
})

it('fifty complaints are told at once', () => {
  for (let at = 0; at < 52; at++) complaints.add(`queues[${at}]`, 'no')
  expect(told()).toHaveLength(51)
  expect(told().at(-1)).toBe('and 2 more')
})
