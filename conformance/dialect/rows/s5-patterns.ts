// §5.7 and 5.8 of the behaviour reference: topic patterns and headers exchanges.

import type { Field, Table } from '../client/field-table.ts'
import { a, hex } from '../peers.ts'
import { differ, type Scenario, type Steps, scenario } from '../scenario.ts'

/** One queue bound with this pattern; of these keys exactly the first ones arrive. */
function topic(pattern: string, matching: readonly string[], others: readonly string[]): Scenario {
  return scenario('5.7', `'${pattern}'`, `matches topic pattern '${pattern}' as a list of words`, [
    a.ready(),
    a.exchange(1, '$x', 'topic'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', pattern),
    [...others, ...matching, ...others].map((key) => a.publishes(1, '$x', key, `<${key}>`)),
    a.drains(
      1,
      '$q',
      matching.map((key) => `<${key}>`),
    ),
  ])
}

const topics: readonly Scenario[] = [
  topic('#', ['', 'a', 'a.b.c', '.', '#', '*'], []),
  topic('*', ['a', '*', '#', 'A'], ['', 'a.b', '.']),
  topic('a.#', ['a', 'a.b', 'a.', 'a.b.c.d'], ['ab', 'A', '', 'b.a']),
  topic('#.a', ['a', 'b.c.a', '.a'], ['', 'a.b', 'ba']),
  topic('*.#', ['a', 'a.b', '.'], ['']),
  topic('#.*', ['a', 'a.b', '.'], ['']),
  topic('a.*.c', ['a.b.c', 'a..c'], ['a.c', 'a.b.b.c']),
  topic('a.#.c', ['a.c', 'a.b.b.c', 'a..c'], ['a', 'c', 'a.b']),
  topic('#.#', ['', 'a.b', 'a'], []),
  topic('*.*', ['.', 'a.b', 'a.'], ['', 'a', 'a.b.c']),
  topic('a.b', ['a.b'], ['a.b.', 'A.b', 'a', '']),
  topic('a*', ['a*'], ['ab', 'a']),
  topic('#a', ['#a'], ['xa', 'a']),
  topic('a.**', ['a.**'], ['a.b', 'a']),
  topic('a.b.*', ['a.b.c', 'a.b.'], ['a.b']),
  topic('#.b.#', ['a.b.c', 'b', 'b.b', 'x.y.b'], ['', 'a', 'bb']),
  topic('*.#.*', ['a.b', 'a.b.c', '.'], ['a', '']),
  topic('#.#.#', ['', 'a', 'a.b.c.d'], []),
  topic('a.#.b.#.c', ['a.b.c', 'a.x.b.y.z.c'], ['a.c', 'a.b', 'b.c']),
]

const emptyTopic: readonly Scenario[] = [
  scenario('5.7', 'empty pattern', 'matches the empty key, and only it, with an empty binding key', [
    a.ready(),
    a.exchange(1, '$x', 'topic'),
    a.declares(1, '$q'),
    a.calls(1, 'queue.bind', { queue: '$q', exchange: '$x' }, 'queue.bind-ok()'),
    ['a', '', '.'].map((key) => a.publishes(1, '$x', key, `<${key}>`)),
    a.drains(1, '$q', ['<>']),
  ]),
  scenario('5.7', 'patterns together', 'routes by many patterns at once and forgets those unbound', [
    a.ready(),
    a.exchange(1, '$x', 'topic'),
    ['$q', '$r', '$s'].map((queue) => a.declares(1, queue)),
    a.binds(1, '$q', '$x', 'a.#'),
    a.binds(1, '$q', '$x', 'a.b.c'),
    a.binds(1, '$r', '$x', '*.b.*'),
    a.binds(1, '$s', '$x', 'a.b.c'),
    a.publishes(1, '$x', 'a.b.c', 'one'),
    a.unbinds(1, '$q', '$x', 'a.#'),
    a.unbinds(1, '$r', '$x', '*.b.*'),
    a.publishes(1, '$x', 'a.b.c', 'two'),
    a.publishes(1, '$x', 'a.b.d', 'three'),
    a.drains(1, '$q', ['one', 'two']),
    a.drains(1, '$r', ['one']),
    a.drains(1, '$s', ['one', 'two']),
  ]),
]

type Headers = { readonly [key: string]: Field }

/** One queue bound with these arguments; each message matches or does not. */
function headers(row: string, name: string, bound: Table, cases: readonly (readonly [Headers, boolean])[]): Scenario {
  return scenario('5.8', row, name, headersSteps(bound, cases))
}

function headersSteps(bound: Table, cases: readonly (readonly [Headers, boolean])[]): Steps {
  return [
    a.ready(),
    a.exchange(1, '$x', 'headers'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', 'ignored', bound),
    cases.map(([sent], at) => a.publishes(1, '$x', '', `m${at}`, { properties: { headers: sent } })),
    a.drains(
      1,
      '$q',
      cases.flatMap(([, matches], at) => (matches ? [`m${at}`] : [])),
    ),
  ]
}

const integers: readonly Field[] = ['b', 'B', 's', 'u', 'I', 'i', 'l'].map((tag) => [tag, 100])
const double = (value: number): Field => ['d', value]

const headerModes: readonly Scenario[] = [
  headers('x-match absent', 'matches all arguments by default', { k: 1, s: 'v' }, [
    [{ k: 1, s: 'v', more: 1 }, true],
    [{ k: 1 }, false],
    [{}, false],
  ]),
  headers('x-match all', 'matches all arguments with all', { 'x-match': 'all', k: 1, s: 'v' }, [
    [{ k: 1, s: 'v' }, true],
    [{ k: 1, s: 'w' }, false],
  ]),
  headers('x-match any', 'matches any argument with any', { 'x-match': 'any', k: 1, s: 'v' }, [
    [{ k: 1 }, true],
    [{ s: 'v', k: 2 }, true],
    [{ k: 2 }, false],
    [{}, false],
  ]),
  headers('x- keys, all', 'ignores x- keys with all', { 'x-match': 'all', 'x-k': 1, k: 1 }, [
    [{ k: 1 }, true],
    [{ 'x-k': 1 }, false],
  ]),
  headers('x- keys, any', 'ignores x- keys with any', { 'x-match': 'any', 'x-k': 1 }, [
    [{ 'x-k': 1 }, false],
    [{}, false],
  ]),
  headers('all-with-x', 'compares x- keys with all-with-x', { 'x-match': 'all-with-x', 'x-k': 1, k: 1 }, [
    [{ 'x-k': 1, k: 1 }, true],
    [{ k: 1 }, false],
  ]),
  headers('any-with-x', 'compares x- keys with any-with-x', { 'x-match': 'any-with-x', 'x-k': 1, k: 1 }, [
    [{ 'x-k': 1 }, true],
    [{ k: 1 }, true],
    [{ 'x-k': 2, k: 2 }, false],
  ]),
  headers('empty arguments, all', 'matches everything with no arguments', {}, [
    [{}, true],
    [{ k: 1 }, true],
  ]),
  headers('empty arguments, any', 'matches nothing with any and no arguments', { 'x-match': 'any' }, [
    [{}, false],
    [{ k: 1 }, false],
  ]),
  headers('empty arguments, all-with-x', 'matches everything with all-with-x alone', { 'x-match': 'all-with-x' }, [
    [{}, true],
    [{ 'x-k': 1 }, true],
  ]),
  scenario('5.8', 'routing key', 'ignores the routing key, and takes messages without headers', [
    a.ready(),
    a.exchange(1, '$x', 'headers'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', 'k'),
    a.publishes(1, '$x', 'other', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
]

const headerValues: readonly Scenario[] = [
  headers('void argument', 'matches the presence of a key with a void argument', { k: null }, [
    [{ k: 1 }, true],
    [{ k: 'v' }, true],
    [{ k: null }, true],
    [{ other: 1 }, false],
  ]),
  headers('void message value', 'does not match a void value with an argument that is not void', { k: 1 }, [
    [{ k: null }, false],
  ]),
  headers('integer widths', 'compares integers by value across widths', { k: 100 }, [
    ...integers.map((field) => [{ k: field }, true] as const),
    [{ k: 101 }, false],
  ]),
  headers('integer and string', 'does not match strings with numbers', { k: 1 }, [
    [{ k: '1' }, false],
    [{ k: true }, false],
  ]),
  headers('float and double', 'compares float and double by value', { k: double(1.5) }, [
    [{ k: ['f', 1.5] }, true],
    [{ k: double(1.25) }, false],
  ]),
  scenario('5.8', 'int vs double', 'does not match integers with doubles', [
    differ(
      '§19 headers exchange int=double: no match as 4.x',
      headersSteps({ k: 1 }, [[{ k: double(1) }, false]]),
      headersSteps({ k: 1 }, [[{ k: double(1) }, true]]),
    ),
  ]),
  headers('timestamp', 'matches timestamps with timestamps', { k: ['T', 1_700_000_000] }, [
    [{ k: ['T', 1_700_000_000] }, true],
    [{ k: ['T', 1_700_000_001] }, false],
  ]),
  headers('bytes and string', 'matches strings and byte arrays with equal bytes', { k: 'abc' }, [
    [{ k: ['x', hex('616263')] }, true],
    [{ k: ['x', hex('616264')] }, false],
  ]),
  headers('case', 'minds the case of strings and keys', { k: 'Abc' }, [
    [{ k: 'Abc' }, true],
    [{ k: 'abc' }, false],
    [{ K: 'Abc' }, false],
  ]),
  headers('bool', 'tells true from false', { k: true }, [
    [{ k: true }, true],
    [{ k: false }, false],
  ]),
  headers('arrays', 'matches arrays with equal elements in equal order', { k: ['A', [1, 'two']] }, [
    [{ k: ['A', [1, 'two']] }, true],
    [{ k: ['A', ['two', 1]] }, false],
    [{ k: ['A', [['l', 1], 'two']] }, false],
    [{ k: ['A', [1]] }, false],
  ]),
  headers('tables', 'matches tables with equal fields', { k: { inner: 1 } }, [
    [{ k: { inner: 1 } }, true],
    [{ k: { inner: 2 } }, false],
    [{ k: { other: 1 } }, false],
  ]),
]

const headerErrors: readonly Scenario[] = [
  scenario('5.6', 'headers x-match wrong value', 'refuses an unknown x-match', [
    a.ready(),
    a.exchange(1, '$x', 'headers'),
    a.declares(1, '$q'),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', arguments: { 'x-match': 'some' } }),
    a.closesChannel(
      1,
      406,
      'Invalid x-match field value <<"some">>; expected all, any, all-with-x, or any-with-x',
      '50/20',
    ),
  ]),
  scenario('5.6', 'headers x-match wrong type', 'refuses an x-match that is not a string', [
    a.ready(),
    a.exchange(1, '$x', 'headers'),
    a.declares(1, '$q'),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', arguments: { 'x-match': 5 } }),
    a.closesChannel(1, 406, 'Invalid x-match field type signedint (value 5); expected longstr', '50/20'),
  ]),
]

export const topicPatterns: readonly Scenario[] = [...topics, ...emptyTopic]
export const headersExchange: readonly Scenario[] = [...headerModes, ...headerValues, ...headerErrors]
