// Patterns that would hold up everybody are ended.

import { Script } from 'node:vm'
import { countsAsNone, limitedPattern } from '../../../src/broker/access/limited-pattern.ts'

const never = () => {
  throw new Error('it took too long')
}

it.each([
  ['^a', 'ab', true],
  ['^b', 'ab', false],
  ['^(ab)+$', 'abab', true],
  ['^(ab)+$', 'aba', false],
  ['a.*b.*c.*d', 'abcd', true],
])('%s of %s: %s, each time', (source, text, answer) => {
  const pattern = limitedPattern(source, never)
  expect([pattern.matches(text), pattern.matches(text)]).toEqual([answer, answer])
})

it.each([
  ['a repeated group', '^(a+)+$', `${'a'.repeat(60)}b`],
  ['many repetitions', '.*.*.*.*.*b', 'a'.repeat(255)],
  ['what may be there or not', `^${'a?'.repeat(40)}c`, 'a'.repeat(60)],
  ['group after group of alternatives', `^${'(a|aa)'.repeat(40)}c`, 'a'.repeat(60)],
])('%s that would take for ever is asked about, once for each text', (_, source, text) => {
  const tooLong = jest.fn(() => false)
  const pattern = limitedPattern(source, tooLong)
  for (let i = 0; i < 2; i++) expect(pattern.matches(text)).toBe(false)
  expect(tooLong.mock.calls).toEqual([[source, text]])
})

it.each([['^(orders|payments|invoices)\\..*$'], ['^a$|^b$|^c$|^d$|^e$|^f$'], ['^(a|b)\\.(c|d)\\..*$']])(
  '%s is asked without a watch',
  (source) => {
    const watch = jest.spyOn(Script.prototype, 'runInContext')
    limitedPattern(source, never).matches('orders.new')
    expect(watch).not.toHaveBeenCalled()
  },
)

it('text after text of one that takes too long costs less and less', () => {
  const pattern = limitedPattern('^(a+)+$', countsAsNone(null))
  const started = process.hrtime.bigint()
  for (let i = 0; i < 20; i++) pattern.matches(`${'a'.repeat(60)}${i}`)
  // 100 + 50 + 25 + 12.5 + 16 times 10 milliseconds, and room for a machine that is busy; 20 times 100 would be 2000.
  expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1500)
  expect(pattern.matches('aaa')).toBe(true)
})

it('one that cannot be read is told', () => {
  expect(() => limitedPattern('(', never)).toThrow('missing )')
})

it('one that is no match after all is told to the log', () => {
  const warn = jest.fn()
  expect(countsAsNone({ warn })('p', 'n')).toBe(false)
  expect(warn).toHaveBeenCalledWith({ pattern: 'p', name: 'n' }, expect.stringContaining('does not match'))
})
