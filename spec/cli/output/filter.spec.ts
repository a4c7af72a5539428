// The language of --filter: what it takes, what it means, and what it says about what it does not take.

import { filtered, parseFilter } from '../../../src/cli/output/filter.ts'

const rows = [
  { name: 'orders', messages: 2000, durable: true, arguments: { 'x-max-length': 5 }, policy: null },
  { name: 'orders.dlq', messages: 0, durable: true, arguments: {} },
  { name: 'temp', messages: 10, durable: false, arguments: {}, policy: 'short', memory: 3 * 2 ** 20 },
]
const names = (expression: string) => filtered(rows, expression).map(({ name }) => name)

describe('a filter', () => {
  it.each([
    ['messages>1000', ['orders']],
    ['messages>1000 && name=~^orders', ['orders']],
    ['name=~^orders', ['orders', 'orders.dlq']],
    ['name!~^orders', ['temp']],
    ['name=~^(orders|temp)$', ['orders', 'temp']],
    ['(name=~^o || messages=10) && messages>0', ['orders', 'temp']],
    ['(name=~^(te|x)) || messages>=2k', ['orders', 'temp']],
    ['name =~ "d.*q"', ['orders.dlq']],
    ['name=orders', ['orders']],
    ['name=="orders"', ['orders']],
    ["name!='orders'", ['orders.dlq', 'temp']],
    ['durable', ['orders', 'orders.dlq']],
    ['!durable', ['temp']],
    ['! (durable && messages>0)', ['orders.dlq', 'temp']],
    ['durable=true', ['orders', 'orders.dlq']],
    ['messages<=10', ['orders.dlq', 'temp']],
    ['messages<0x', ['orders.dlq']],
    ['arguments.x-max-length=5', ['orders']],
    ['policy=null', ['orders', 'orders.dlq']],
    ['memory>2MiB', ['temp']],
    ['memory<=3145728', ['temp']],
    ['name<p', ['orders', 'orders.dlq']],
  ])('%s', (expression, expected) => {
    expect(names(expression)).toEqual(expected)
  })

  it('names a column that no row has, and the one that was meant', () => {
    expect(() => names('mesages>1')).toThrow('--filter: no row has a column "mesages" (did you mean "messages"?)')
    expect(() => names('zzz')).toThrow(/^--filter: no row has a column "zzz"$/)
    expect(filtered([], 'anything>1')).toEqual([])
  })

  it.each([
    ['', 'got the end at character 1 of "", expected a column'],
    ['messages >', 'got the end at character 11 of "messages >", expected a value after >'],
    ['messages > && a', 'got "&&" at character 12'],
    ['(messages', 'got the end at character 10 of "(messages", expected )'],
    ['messages 5', 'got "5" at character 10 of "messages 5", expected &&, || or the end'],
    ['&& a', 'got "&&" at character 1 of "&& a", expected a column'],
    ['name=~[', '"[" in "name=~[" is not a regular expression'],
    ['a & b', 'cannot read "& b" at character 3'],
  ])('refuses %j', (expression, message) => {
    expect(() => parseFilter(expression)).toThrow(`--filter: ${message}`)
  })
})
