// RabbitMQ's regular expressions, as permissions and policies are written in them: PCRE on octets, not anchored. Here they
// become JavaScript's (docs/decisions/0050-whose-regular-expressions.md says where the two part). Knows no names of
// anything that is matched.

import { invalid } from '../administration-error.ts'

/** A pattern that cannot be read. `message` is the reason, as an Erlang term like RabbitMQ's. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

/** A compiled pattern. */
export interface Pattern {
  /** Whether it matches somewhere in `text`. */
  matches(text: string): boolean
}

/** Compiles a pattern. Throws `PatternError`. */
export function compilePattern(source: string): Pattern {
  const { translated, flags } = new Translation(octets(source)).result()
  const expression = compiled(translated, flags, source)
  return { matches: (text) => expression.test(octets(text)) }
}

/** Throws `AdministrationError` where a person gave a pattern that cannot be read. */
export function checkPattern(source: string): void {
  if (typeof source !== 'string') throw invalid(`a regular expression is a text, not ${typeof source}`)
  try {
    compilePattern(source)
  } catch (error) {
    throw error instanceof PatternError ? invalid(`${source} is not a regular expression: ${error.message}`) : error
  }
}

/** Texts are matched octet by octet, as RabbitMQ does: one character for each octet of their UTF-8 form. */
function octets(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is its own UTF-8 form
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

function compiled(translated: string, flags: string, source: string): RegExp {
  try {
    return new RegExp(translated, flags)
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).replace(/^.*: /s, '')
    const end = Buffer.byteLength(source)
    if (reason === 'Unterminated group') throw new PatternError(`{"missing )",${end}}`)
    if (reason === 'Unterminated character class') {
      throw new PatternError(`{"missing terminating ] for character class",${end}}`)
    }
    throw new PatternError(`"${reason.toLowerCase()}"`)
  }
}

/** What belongs to a word: Erlang knows the letters of Latin-1, and an octet is one of its characters. */
const WORD = '0-9A-Z_a-z\\xaa\\xb5\\xba\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\xff'

/** Sets of octets, as members of a class, by the letter that stands for them; a capital stands for all others. */
const sets: ReadonlyMap<string, string> = new Map([
  ['d', '0-9'],
  ['w', WORD],
  ['s', ' \\t-\\r'],
  ['h', ' \\t\\xa0'],
  ['v', '\\n-\\r\\x85'],
])

/** Escapes that JavaScript does not have, or understands in another way; outside of a class. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['A', '(?<![^])'],
  ['z', '(?![^])'],
  ['Z', '(?=\\n?$)'],
  ['b', `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`],
  ['B', `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`],
  ['a', '\\x07'],
  ['e', '\\x1b'],
  ['E', ''],
  ['N', '[^\\n]'],
  ['R', '(?:\\r\\n|(?!\\r\\n)[\\n-\\r\\x85])'],
])

/** The same inside of a class. */
const classEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\\x07'],
  ['e', '\\x1b'],
  ['E', ''],
])

/** What JavaScript cannot say, or says otherwise: a reference to a group that took no part is empty there, and fails here. */
const UNSUPPORTED = /[CGKLUXgklopu1-9]|P|N(?=\{)/
const UNSUPPORTED_IN_CLASS = /[BNRXLUlopu]|P/

const posixClasses: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z\\xaa\\xb5\\xba\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\xff'],
  ['alpha', 'A-Za-z\\xaa\\xb5\\xba\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\xff'],
  ['ascii', '\\x00-\\xff'],
  ['blank', ' \\t'],
  ['cntrl', '\\x00-\\x1f\\x7f-\\x9f'],
  ['digit', '0-9'],
  ['graph', '!-~\\xa0-\\xff'],
  ['lower', 'a-z\\xaa\\xb5\\xba\\xdf-\\xf6\\xf8-\\xff'],
  ['print', ' -~\\xa0-\\xff'],
  ['punct', '!-\\/:-@\\[-`{-~\\xa0-\\xa9\\xab-\\xb4\\xb6-\\xb9\\xbb-\\xbf\\xd7\\xf7'],
  ['space', ' \\t-\\r'],
  ['upper', 'A-Z\\xc0-\\xd6\\xd8-\\xde'],
  ['word', WORD],
  ['xdigit', '0-9A-Fa-f'],
])

/** All octets that are not among `members`, as members of a class. */
function othersThan(members: string): string {
  const others = new RegExp(`[^${members}]`)
  const codes = Array.from({ length: 256 }, (_, code) => code)
  return codes
    .filter((code) => others.test(String.fromCharCode(code)))
    .map(hex)
    .join('')
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`
}

/** Beginnings of groups that mean the same to both. */
const GROUP = /^\(\?(?::|=|!|<=|<!|<[A-Za-z_]\w*>)/

/** One way through a pattern. */
class Translation {
  readonly #source: string
  /** Any of `i`, `m` and `s`. */
  readonly #options: string
  #at: number
  #out = ''

  constructor(source: string) {
    const [group = '', options = ''] = /^\(\?([ims]+)\)/.exec(source) ?? []
    this.#source = source
    this.#options = options
    this.#at = group.length
  }

  result(): { readonly translated: string; readonly flags: string } {
    while (this.#at < this.#source.length) this.#out += this.#next()
    return { translated: this.#out, flags: this.#options.includes('i') ? 'i' : '' }
  }

  #next(): string {
    const char = this.#source[this.#at] as string
    switch (char) {
      case '\\':
        return this.#escape()
      case '[':
        return this.#class()
      case '(':
        return this.#group()
      default:
        this.#at++
        return this.#plain(char)
    }
  }

  /** JavaScript ends a line at more than line feeds: what has to do with lines is said in another way. */
  #plain(char: string): string {
    const multiline = this.#options.includes('m')
    if (char === '.') return this.#options.includes('s') ? '[^]' : '[^\\n]'
    if (char === '^' && multiline) return '(?:(?<![^])|(?<=\\n)(?=[^]))'
    // Also before a line feed that ends the text.
    if (char === '$') return multiline ? '(?=\\n|(?![^]))' : '(?=\\n?$)'
    return char
  }

  #escape(): string {
    const rest = this.#source.slice(this.#at + 1)
    const letter = rest[0]
    if (letter === undefined) throw new PatternError(`{"\\\\ at end of pattern",${this.#source.length}}`)
    if (letter === 'Q') return this.#quoted()
    if (new RegExp(`^(?:${UNSUPPORTED.source})`).test(rest)) throw new PatternError(`"\\\\${letter} is not supported"`)
    const octet = this.#bracedOctet()
    if (octet !== null) return octet
    this.#at += 2
    const members = membersOf(letter)
    return members === null ? (escapes.get(letter) ?? `\\${letter}`) : `[${members}]`
  }

  #classEscape(): string {
    const letter = this.#source[this.#at + 1] ?? ''
    if (letter === 'Q') return this.#quoted()
    if (UNSUPPORTED_IN_CLASS.test(letter)) throw new PatternError(`"\\\\${letter} is not supported in a class"`)
    const octet = this.#bracedOctet()
    if (octet !== null) return octet
    this.#at += 2
    return membersOf(letter) ?? classEscapes.get(letter) ?? `\\${letter}`
  }

  /** An octet in JavaScript's spelling, where it is one in braces; else null. */
  #bracedOctet(): string | null {
    const [written, digits = ''] = /^\\x\{([0-9A-Fa-f]{1,2})\}/.exec(this.#source.slice(this.#at)) ?? []
    if (written === undefined) return null
    this.#at += written.length
    return hex(Number.parseInt(digits, 16))
  }

  /** What stands between \Q and \E means itself. */
  #quoted(): string {
    const start = this.#at + 2
    const end = this.#source.indexOf('\\E', start)
    this.#at = end < 0 ? this.#source.length : end + 2
    return this.#source.slice(start, end < 0 ? undefined : end).replace(/[\\^$.*+?()[\]{}|\-/]/g, '\\$&')
  }

  #group(): string {
    const rest = this.#source.slice(this.#at)
    const [comment] = /^\(\?#[^)]*\)/.exec(rest) ?? []
    if (comment) {
      this.#at += comment.length
      return ''
    }
    const [named, name = ''] = /^\(\?P(<[A-Za-z_]\w*>)/.exec(rest) ?? []
    const begun = named ?? GROUP.exec(rest)?.[0] ?? '('
    if (begun === '(' && /^\([?*]/.test(rest)) {
      throw new PatternError(`{"${rest.slice(0, 3)} is not supported",${this.#at}}`)
    }
    this.#at += begun.length
    return named ? `(?${name}` : begun
  }

  #class(): string {
    const [open = '['] = /^\[\^?/.exec(this.#source.slice(this.#at)) ?? []
    this.#at += open.length
    let out = open
    // A bracket that comes first means itself.
    if (this.#source[this.#at] === ']') {
      this.#at++
      out += '\\]'
    }
    for (;;) {
      const char = this.#source[this.#at]
      if (char === undefined) return out
      if (char === ']') {
        this.#at++
        return `${out}]`
      }
      out += char === '\\' ? this.#classEscape() : this.#classMember(char)
    }
  }

  #classMember(char: string): string {
    const [posix, not = '', name = ''] = /^\[:(\^?)([a-z]+):\]/.exec(this.#source.slice(this.#at)) ?? []
    this.#at += posix?.length ?? 1
    if (posix === undefined) return char
    // Without case there is neither.
    const caseless = this.#options.includes('i') && (name === 'lower' || name === 'upper')
    const members = posixClasses.get(caseless ? 'alpha' : name)
    if (members === undefined) throw new PatternError(`{"unknown POSIX class name",${this.#at - posix.length}}`)
    return not === '' ? members : othersThan(members)
  }
}

/** The members of the set that a letter stands for; null where it stands for none. */
function membersOf(letter: string): string | null {
  const members = sets.get(letter)
  if (members !== undefined) return members
  const others = sets.get(letter.toLowerCase())
  return others === undefined ? null : othersThan(others)
}
