// The word that a broker is ready: whole, in a file or on a descriptor.

import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { announce } from '../../src/cli/ready.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'

const ready = { urls: ['amqp://localhost:5672', 'http://localhost:15672'], pid: 7, version: '1.0.0' }
const line = `${JSON.stringify(ready)}\n`
let folder: string
beforeEach(async () => {
  folder = await createTemporaryDirectory()
})
afterEach(() => removeTemporaryDirectory(folder))

it('is a line in a file, which is there when all of it is', () => {
  announce({ readyFile: 'ready.json' }, folder, ready)
  expect(readFileSync(join(folder, 'ready.json'), 'utf8')).toBe(line)
  expect(readdirSync(folder)).toEqual(['ready.json'])
})

it('is a line on a descriptor, which is closed behind it', () => {
  const fd = openSync(join(folder, 'fd'), 'w')
  announce({ readyFd: String(fd) }, folder, ready)
  expect(readFileSync(join(folder, 'fd'), 'utf8')).toBe(line)
  expect(() => writeSync(fd, 'more')).toThrow('EBADF')
})

it('is nothing where nobody asked', () => {
  announce({}, folder, ready)
  expect(readdirSync(folder)).toEqual([])
})

it('needs a place that is one', () => {
  expect(() => announce({ readyFd: 'x' }, folder, ready)).toThrow(
    '--ready-fd: got "x", expected the number of a descriptor',
  )
  expect(() => announce({ readyFile: 'no/such/folder' }, folder, ready)).toThrow('ENOENT')
})
