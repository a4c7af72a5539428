// RabbitMQ's configuration files as text: lines, comments, quotes, variables, and which files a path stands for.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesAt, linePlace, readLines } from '../../src/config/rabbitmq-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-rabbitmq-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(contents: string, name = 'rabbitmq.conf'): string {
  const path = join(folder, name)
  writeFileSync(path, contents)
  return path
}

const pairs = (contents: string, env = {}) => readLines(file(contents), env).map(({ key, value }) => [key, value])

describe('a line', () => {
  it.each([
    ['heartbeat = 30', ['heartbeat', '30']],
    ['  heartbeat=30  ', ['heartbeat', '30']],
    ['default_pass = a#b=c', ['default_pass', 'a#b=c']],
    ['heartbeat = 30 # seconds', ['heartbeat', '30']],
    ["default_pass = 'a # b'", ['default_pass', 'a # b']],
    ["default_pass = ' a ' # quoted", ['default_pass', ' a ']],
    ['loopback_users.my-user@host = true', ['loopback_users.my-user@host', 'true']],
    ['listeners.tcp.local = [::1]:5672', ['listeners.tcp.local', '[::1]:5672']],
    ['default_user = $(NAME)-$(NAME)', ['default_user', 'hare-hare']],
  ])('%j sets %j', (text, pair) => {
    expect(pairs(`# a comment\n\n${text}\r\n`, { NAME: 'hare' })).toEqual([pair])
  })

  it.each([
    ['heartbeat', 'line 2: is not of the form key = value'],
    ['[section]', 'line 2: is not of the form key = value'],
    ['default_pass s3cret', 'line 2: is not of the form key = value'],
    ['heartbeat =', 'line 2, key heartbeat: has no value'],
    ['heartbeat = $(NONE)', 'line 2: the variable NONE is not set'],
  ])('%j is refused: %s', (text, problem) => {
    const path = file(`# first\n${text}`)
    expect(() => readLines(path, {})).toThrow(`${path}, ${problem}`)
  })

  it('is named by file, line and key', () => {
    const [line] = readLines(file('\n\nheartbeat = 1'), {})
    expect(line && linePlace(line)).toBe(`${join(folder, 'rabbitmq.conf')}, line 3, key heartbeat`)
  })
})

describe('a path', () => {
  it('stands for a file, also without its .conf', () => {
    const path = file('', 'a.conf')
    expect(filesAt(path)).toEqual([path])
    expect(filesAt(join(folder, 'a'))).toEqual([path])
  })

  it('stands for the .conf files of a folder, in the order of their names', () => {
    mkdirSync(join(folder, 'conf.d'))
    for (const name of ['20-b.conf', '10-a.conf', 'c.txt']) file('', join('conf.d', name))
    const files = ['10-a.conf', '20-b.conf'].map((name) => join(folder, 'conf.d', name))
    for (const path of ['conf.d', 'conf.d/*', 'conf.d/*.conf']) expect(filesAt(join(folder, path))).toEqual(files)
  })

  it('stands for nothing where nothing is', () => {
    expect(filesAt(join(folder, 'none'))).toEqual([])
  })

  it('that cannot be read is named with the reason', () => {
    expect(() => readLines(join(folder, 'none.conf'), {})).toThrow(/none\.conf: cannot be read \(ENOENT\)$/)
  })
})
