// `--filter`: a small language of conditions on columns. `messages>1000 && (name=~^orders || durable) && !exclusive`.
// A condition is parsed once and asked per row. Knows no format and no command.

import { nearest } from '../../config/nearest.ts'
import { CommandError } from '../command-error.ts'
import { pathsOf, type Row, textOf, valueAt } from './paths.ts'

/** Whether a row is wanted. */
export type Condition = (row: Row) => boolean

/** A condition, and the columns that it looks at. */
export interface Filter {
  readonly matches: Condition
  readonly columns: readonly string[]
  /** The comparisons, where the condition is that all of them hold, and nothing more; for who can ask elsewhere. */
  readonly all?: readonly Comparison[]
}

/** One comparison of a condition. */
export interface Comparison {
  readonly column: string
  readonly sign: Sign
  readonly value: string
  /** What a value without quotes is as a number, where it is one: `10k` is 10,000. */
  readonly number: number | undefined
}

interface Token {
  readonly kind: 'sign' | 'word' | 'quoted' | 'end'
  readonly text: string
  readonly at: number
}

const comparisons = ['==', '=', '!=', '>=', '<=', '>', '<', '=~', '!~'] as const
type Sign = (typeof comparisons)[number]

/** What may stand alone, longest first. */
const signs = ['&&', '||', '==', '!=', '>=', '<=', '=~', '!~', '=', '>', '<', '!', '(', ')'] as const

/**
 * Rows that an expression wants.
 * @throws CommandError when it cannot be read, or asks for a column that no row has
 */
export function filtered(rows: readonly Row[], expression: string): readonly Row[] {
  const { matches, columns } = parseFilter(expression)
  const missing = columns.find((path) => rows.length > 0 && rows.every((row) => valueAt(row, path) === undefined))
  if (missing !== undefined) {
    throw new CommandError(`--filter: no row has a column "${missing}"${nearestPath(missing, rows)}`)
  }
  return rows.filter(matches)
}

/** ` (did you mean ...)`, or nothing. */
export function nearestPath(path: string, rows: readonly Row[]): string {
  const meant = nearest(path, pathsOf(rows))
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`
}

/** Reads an expression. Throws `CommandError` that points at what was not expected. */
export function parseFilter(expression: string): Filter {
  const parser = new Parser(expression)
  const matches = parser.whole()
  return { matches, columns: [...parser.columns], ...(parser.isPlain ? { all: parser.comparisons } : {}) }
}

class Parser {
  readonly columns = new Set<string>()
  readonly comparisons: Comparison[] = []
  isPlain = true
  readonly #text: string
  #at = 0
  #next: Token

  constructor(text: string) {
    this.#text = text
    this.#next = this.#read()
  }

  whole(): Condition {
    const condition = this.#any()
    if (this.#next.kind !== 'end') throw this.#unexpected('&&, || or the end')
    return condition
  }

  #any(): Condition {
    const parts = [this.#all()]
    while (this.#took('||')) parts.push(this.#all())
    if (parts.length > 1) this.isPlain = false
    return parts.length === 1 ? (parts[0] as Condition) : (row) => parts.some((part) => part(row))
  }

  #all(): Condition {
    const parts = [this.#one()]
    while (this.#took('&&')) parts.push(this.#one())
    return parts.length === 1 ? (parts[0] as Condition) : (row) => parts.every((part) => part(row))
  }

  #one(): Condition {
    if (this.#took('!')) {
      this.isPlain = false
      const inner = this.#one()
      return (row) => !inner(row)
    }
    if (this.#took('(')) {
      const inner = this.#any()
      if (!this.#took(')')) throw this.#unexpected(')')
      return inner
    }
    return this.#comparison()
  }

  #comparison(): Condition {
    if (this.#next.kind === 'sign' || this.#next.kind === 'end') throw this.#unexpected('a column')
    const path = this.#take().text
    this.columns.add(path)
    const sign = comparisons.find((each) => this.#next.kind === 'sign' && each === this.#next.text)
    if (!sign) {
      this.isPlain = false
      return (row) => truthy(valueAt(row, path))
    }
    const value = this.#value(sign)
    this.comparisons.push({ column: path, sign, value: value.text, number: numberOf(value) })
    const test = tester(sign, value, this.#text)
    return (row) => test(valueAt(row, path))
  }

  // What follows a comparison is a value, in which signs such as ^ $ . | have no meaning of ours.
  #value(sign: Sign): Token {
    const rest = this.#text.slice(this.#at)
    const bare = /^\s*((?:(?!&&|\|\||["'\s]).)+)/.exec(rest)?.[1]
    const value =
      sign.endsWith('~') && bare !== undefined ? this.#bare(balanced(bare), rest.indexOf(bare)) : this.#read()
    if (value.kind !== 'word' && value.kind !== 'quoted') {
      this.#next = value
      throw this.#unexpected(`a value after ${sign}`)
    }
    this.#next = this.#read()
    return value
  }

  #bare(text: string, offset: number): Token {
    const at = this.#at + offset
    this.#at = at + text.length
    return { kind: 'word', text, at }
  }

  #took(sign: string): boolean {
    const matches = this.#next.kind === 'sign' && this.#next.text === sign
    if (matches) this.#take()
    return matches
  }

  #take(): Token {
    const token = this.#next
    this.#next = this.#read()
    return token
  }

  #read(): Token {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
    const at = this.#at
    const rest = this.#text.slice(at)
    if (rest === '') return { kind: 'end', text: 'the end', at }
    const sign = signs.find((each) => rest.startsWith(each))
    if (sign) return this.#token('sign', sign, sign.length)
    const quoted = /^"((?:[^"\\]|\\.)*)"|^'((?:[^'\\]|\\.)*)'/.exec(rest)
    if (quoted)
      return this.#token('quoted', (quoted[1] ?? quoted[2] ?? '').replaceAll(/\\(.)/g, '$1'), quoted[0].length)
    const word = /^[^\s"'()=!<>&|~]+/.exec(rest)?.[0]
    if (word === undefined) {
      throw new CommandError(`--filter: cannot read "${rest}" at character ${at + 1} of "${this.#text}"`)
    }
    return this.#token('word', word, word.length)
  }

  #token(kind: Token['kind'], text: string, length: number): Token {
    const at = this.#at
    this.#at += length
    return { kind, text, at }
  }

  #unexpected(expected: string): CommandError {
    const { text, at, kind } = this.#next
    const got = kind === 'end' ? 'the end' : `"${text}"`
    return new CommandError(`--filter: got ${got} at character ${at + 1} of "${this.#text}", expected ${expected}`)
  }
}

/** A bare pattern without the bracket that closes a group of the expression around it. */
function balanced(pattern: string): string {
  let open = 0
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === '(') open++
    else if (pattern[at] === ')' && open-- === 0) return pattern.slice(0, at)
  }
  return pattern
}

function tester(sign: Sign, token: Token, whole: string): (value: unknown) => boolean {
  const { text } = token
  if (sign === '=~' || sign === '!~') {
    let pattern: RegExp
    try {
      pattern = new RegExp(text)
    } catch (error) {
      throw new CommandError(
        `--filter: "${text}" in "${whole}" is not a regular expression: ${(error as Error).message}`,
      )
    }
    return (value) => pattern.test(textOf(value)) === (sign === '=~')
  }
  const number = numberOf(token)
  switch (sign) {
    case '=':
    case '==':
      return (value) => equals(value, text, number)
    case '!=':
      return (value) => !equals(value, text, number)
    default:
      return (value) => ordered(sign, value, text, number)
  }
}

function numberOf({ kind, text }: Token): number | undefined {
  return kind === 'word' ? quantity(text) : undefined
}

function equals(value: unknown, text: string, number: number | undefined): boolean {
  if (typeof value === 'number' && number !== undefined) return value === number
  return textOf(value) === (text === 'null' ? '' : text)
}

/** What is no number and has no value is neither more nor less than anything. */
function ordered(sign: string, value: unknown, text: string, number: number | undefined): boolean {
  if (value === undefined || value === null) return false
  const [left, right] = number !== undefined && typeof value === 'number' ? [value, number] : [textOf(value), text]
  if (sign === '>') return left > right
  if (sign === '<') return left < right
  return sign === '>=' ? left >= right : left <= right
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30 }

/** 1000, 1e3, 10k, 2MiB. */
function quantity(text: string): number | undefined {
  const [, digits, unit] = /^(-?\d+(?:\.\d+)?(?:e\d+)?)([kmg]i?)?b?$/i.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * (units[(unit ?? '').toLowerCase()] ?? 1)
}

function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '' && value !== 'false'
}
