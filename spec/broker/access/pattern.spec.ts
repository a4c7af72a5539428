// Regular expressions as RabbitMQ reads them.

import { checkPattern, compilePattern, PatternError } from '../../../src/broker/access/pattern.ts'
import { AdministrationError } from '../../../src/broker/administration-error.ts'

const matching = (pattern: string, ...texts: readonly string[]) =>
  texts.filter((text) => compilePattern(pattern).matches(text))

describe('a pattern', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['q1', ['q1', 'xxq1yy'], ['q', 'Q1']],
    ['^q$', ['q', 'q\n'], ['aq', 'qa', 'q\na']],
    ['^(amq\\.gen|rpc\\.).*', ['amq.gen-x', 'rpc.a'], ['amqxgen', 'my.rpc.']],
    ['', ['', 'anything'], []],
    ['^$', [''], ['a']],
    ['^.$', ['a', '\r'], ['', 'aa']],
    ['(?i)^q', ['q', 'Q1'], ['p']],
    ['(?s)^.$', ['\n'], ['aa']],
    ['(?im)^q$', ['a\nQ\nb'], ['aq']],
    ['^(?!amq\\.).+', ['q'], ['amq.q', '']],
    ['(?<=a)b', ['ab'], ['b']],
    ['(?:a|b)c', ['ac', 'bc'], ['c']],
    ['(?P<x>a)b', ['ab'], ['b']],
    ['(?<x>a)b', ['ab'], ['b']],
    ['a(?#nothing)b', ['ab'], ['anothingb']],
    ['^[[:alpha:]_]+$', ['aB_'], ['a1']],
    ['^[^[:digit:]]+$', ['ab'], ['a1']],
    ['^[]a]+$', [']a'], ['b']],
    ['^[^]a]+$', ['b'], [']']],
    ['^[a\\]]+$', ['a]'], ['b']],
    ['^[\\s\\d]+$', ['1 2'], ['a', '\xa0']],
    ['\\Aa\\z', ['a'], ['a\n', 'ba']],
    ['\\Aa\\Z', ['a', 'a\n'], ['ab']],
    ['^\\Qa.b\\E$', ['a.b'], ['axb']],
    ['^\\Qa.b', ['a.b.c'], ['axb']],
    ['^\\x{41}\\x42$', ['AB'], ['ab']],
    ['^a\\hb$', ['a b', 'a\tb'], ['ab']],
    ['^a{2}$', ['aa'], ['a']],
    ['^a{,2}$', ['a{,2}'], ['aa']],
    ['(?m)^a$', ['b\na\nb'], ['a\rb', 'ba']],
    ['(?m)^$', ['', 'a\n\nb'], ['a', 'a\n']],
    ['^\\Ea\\E$', ['a'], ['E']],
    ['\\bb', ['b', 'a b'], ['ab']],
    ['\\Bb', ['ab'], ['b', 'a b']],
    ['^[\\Qa]\\E]+$', ['a]'], ['b']],
    ['^[[:^digit:]]+$', ['ab'], ['a1']],
    ['(?i)^[[:^lower:]]$', ['1'], ['a', 'A']],
    ['(?i)^[[:upper:]]$', ['a', 'A'], ['1']],
    ['^[\\W]+$', ['-.'], ['a', '_']],
    ['^a\\Rb$', ['a\nb', 'a\r\nb'], ['ab']],
    ['^\\012$', ['\n'], ['2']],
  ])('%j is read as PCRE reads it', (pattern, matches, others) => {
    expect(matching(pattern, ...matches, ...others)).toEqual(matches)
  })

  it('is matched octet by octet', () => {
    expect(matching('^é$', 'é', 'è', 'e')).toEqual(['é'])
    expect(matching('^..$', 'é', 'ab', 'a')).toEqual(['é', 'ab'])
    expect(matching('^\\xc3\\xa9$', 'é', '\xc3')).toEqual(['é'])
    // The first octet of é is a letter to Erlang, the second is not.
    expect(matching('^\\w\\W$', 'é', 'a-', 'ab')).toEqual(['é', 'a-'])
    expect(matching('(?i)^É', 'É', 'é', 'e')).toEqual(['É'])
  })

  it.each([
    ['(', '{"missing )",1}'],
    ['a[b', '{"missing terminating ] for character class",3}'],
    ['a\\', '{"\\\\ at end of pattern",2}'],
    ['*', '"nothing to repeat"'],
    ['a)', '"unmatched \')\'"'],
    ['[[:bogus:]]', '{"unknown POSIX class name",1}'],
    ['(?>a)', '{"(?> is not supported",0}'],
    ['a(?i)b', '{"(?i is not supported",1}'],
    ['\\p{L}', '"\\\\p is not supported"'],
    ['(a)\\1', '"\\\\1 is not supported"'],
    ['[\\B]', '"\\\\B is not supported in a class"'],
    ['(*UTF8)a', '{"(*U is not supported",0}'],
    ['a++', '"nothing to repeat"'],
  ])('%j is refused', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(new PatternError(message))
  })

  it('of a person is refused as an error of administration', () => {
    expect(() => checkPattern('^a')).not.toThrow()
    const error = expect.objectContaining({
      kind: 'invalid',
      message: '( is not a regular expression: {"missing )",1}',
    })
    expect(() => checkPattern('(')).toThrow(error)
    expect(() => checkPattern('(')).toThrow(AdministrationError)
    expect(() => checkPattern(undefined as unknown as string)).toThrow('a regular expression is a text, not undefined')
  })
})
