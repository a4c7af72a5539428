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

/** Escapes that JavaScript does not have, or understands in another way; outside of a class. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['A', '(?<![^])'],
  ['z', '(?![^])'],
  ['Z', '(?=\\n?(?![^]))'],
  ['a', '\\x07'],
  ['e', '\\x1b'],
  ['h', '[ \\t\\xa0]'],
  ['H', '[^ \\t\\xa0]'],
  ['v', '[\\n-\\r\\x85]'],
  ['V', '[^\\n-\\r\\x85]'],
  ['s', '[ \\t-\\r]'],
  ['S', '[^ \\t-\\r]'],
  ['N', '[^\\n]'],
  ['R', '(?:\\r\\n|[\\n-\\r\\x85])'],
])

/** The same inside of a class. */
const classEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\\x07'],
  ['e', '\\x1b'],
  ['h', ' \\t\\xa0'],
  ['v', '\\n-\\r\\x85'],
  ['s', ' \\t-\\r'],
])

const posixClasses: ReadonlyMap<string, string> = new Map([
  ['alnum', 'A-Za-z0-9'],
  ['alpha', 'A-Za-z'],
  ['ascii', '\\x00-\\x7f'],
  ['blank', ' \\t'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['digit', '0-9'],
  ['graph', '!-~'],
  ['lower', 'a-z'],
  ['print', ' -~'],
  ['punct', '!-\\/:-@\\[-`{-~'],
  ['space', ' \\t-\\r'],
  ['upper', 'A-Z'],
  ['word', '\\w'],
  ['xdigit', '0-9A-Fa-f'],
])

/** Beginnings of groups that mean the same to both. */
const GROUP = /^\(\?(?::|=|!|<=|<!|<[A-Za-z_]\w*>)/

/** One way through a pattern. */
class Translation {
  readonly #source: string
  readonly #flags: string
  #at: number
  #out = ''

  constructor(source: string) {
    const [options = '', letters = ''] = /^\(\?([ims]+)\)/.exec(source) ?? []
    this.#source = source
    this.#flags = [...new Set(letters)].join('')
    this.#at = options.length
  }

  result(): { readonly translated: string; readonly flags: string } {
    while (this.#at < this.#source.length) this.#out += this.#next()
    return { translated: this.#out, flags: this.#flags }
  }

  #next(): string {
    const char = this.#source[this.#at] as string
    switch (char) {
      case '\\':
        return this.#escape(escapes)
      case '[':
        return this.#class()
      case '(':
        return this.#group()
      case '.':
        this.#at++
        return this.#flags.includes('s') ? '[^]' : '[^\\n]'
      case '$':
        this.#at++
        // Also before a line feed that ends the text, in PCRE.
        return this.#flags.includes('m') ? '$' : '(?=\\n?$)'
      default:
        this.#at++
        return char
    }
  }

  #escape(known: ReadonlyMap<string, string>): string {
    const source = this.#source
    const letter = source[this.#at + 1]
    if (letter === undefined) throw new PatternError(`{"\\\\ at end of pattern",${source.length}}`)
    if (letter === 'Q') return this.#quoted()
    if (/[CGgKkPpX]/.test(letter)) throw new PatternError(`"\\\\${letter} is not supported"`)
    const [braced, hex = ''] = /^\\x\{([0-9A-Fa-f]{1,2})\}/.exec(source.slice(this.#at)) ?? []
    if (braced) {
      this.#at += braced.length
      return `\\x${hex.padStart(2, '0')}`
    }
    this.#at += 2
    return known.get(letter) ?? `\\${letter}`
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
    if (begun === '(' && rest.startsWith('(?')) {
      throw new PatternError(`{"(?${rest[2] ?? ''} is not supported",${this.#at}}`)
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
      out += this.#classMember(char)
    }
  }

  #classMember(char: string): string {
    if (char === '\\') return this.#escape(classEscapes)
    const [posix, name = ''] = /^\[:([a-z]+):\]/.exec(this.#source.slice(this.#at)) ?? []
    const members = posixClasses.get(name)
    if (posix && !members) throw new PatternError(`{"unknown POSIX class name",${this.#at}}`)
    this.#at += posix?.length ?? 1
    return members ?? char
  }
}
