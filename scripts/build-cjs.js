// Puts all of the test broker into one file, dist/test-broker.cjs, beside what V8 has compiled of it, and makes the modules
// that programs load into doors to it: those of dist/testing/ for programs that import, those of dist/cjs/ for programs that
// require, and for Jest, whose tests run in a VM that imports no ECMAScript modules.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { transformSync } from '@swc/core'
import { bundle } from './bundle.js'

const dist = join(import.meta.dirname, '..', 'dist')
const cjs = join(dist, 'cjs')
const whole = join(dist, 'test-broker.cjs')
/** What is asked of the whole, and what asks: the few lines between a runner of tests and a broker for them. */
const doors = ['testing/index.js', 'testing/suite.js', 'testing/matchers.js']
const runners = ['testing/jest.js', 'testing/vitest.js', 'testing/node-test.js', 'testing/mocha.js']

rmSync(cjs, { recursive: true, force: true })
for (const name of files(dist).filter((each) => !each.startsWith('cli/') && !each.startsWith('cjs/'))) {
  if (name.endsWith('.js')) write(name, commonJs(name))
  // The same types, as those of CommonJS: a program that requires them has no others.
  if (name.endsWith('.d.ts')) write(name, readFileSync(join(dist, name)))
}
writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n')
bundle(cjs, [...doors, 'testing/for-program.js'], whole)

const load = await compile()
for (const name of files(dist).filter((each) => /^testing\/.*\.js(\.map)?$/.test(each) && !isRunner(each)))
  rmSync(join(dist, name))
for (const name of files(cjs).filter((each) => each.endsWith('.js') && !isRunner(each) && each !== 'compiled.js'))
  rmSync(join(cjs, name))
for (const name of doors) makeDoor(name, Object.keys(load(name)))

function isRunner(name) {
  return runners.includes(name.replace(/\.map$/, ''))
}

/** Paths below `folder` of all files in it, with slashes. */
function files(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.map((each) => each.replaceAll(sep, '/')).sort()
}

function write(name, contents) {
  mkdirSync(dirname(join(cjs, name)), { recursive: true })
  writeFileSync(join(cjs, name), contents)
}

function commonJs(name) {
  const jsc = { target: 'es2022', parser: { syntax: 'ecmascript' } }
  const module = { type: 'commonjs', importInterop: 'node', strict: true }
  const text = readFileSync(join(dist, name), 'utf8')
  return transformSync(text, { jsc, module, sourceMaps: false, filename: name }).code
}

/** Starts a broker, and keeps what V8 has compiled for that. @returns the whole */
async function compile() {
  rmSync(`${whole}.cache`, { force: true })
  const { loadCompiled } = await import('../dist/compiled.js')
  const loaded = loadCompiled(whole)
  const { startForProgram } = loaded.exports('testing/for-program.js')
  const broker = await startForProgram({ host: '127.0.0.1', port: 0, clock: 'real', compat: 'leveret' })
  await broker.stop()
  writeFileSync(`${whole}.cache`, loaded.compiled())
  return loaded.exports
}

/** In place of a module: one for those who import, one for those who require, to the same. */
function makeDoor(name, exported) {
  writeFileSync(
    join(dist, name),
    `import { fileURLToPath } from 'node:url'
import { requireCompiled } from '../compiled.js'
const load = requireCompiled(fileURLToPath(new URL('../test-broker.cjs', import.meta.url)))
export const { ${exported.join(', ')} } = load('${name}')
`,
  )
  write(
    name,
    `const { join } = require('node:path')
const { requireCompiled } = require('../compiled.js')
module.exports = requireCompiled(join(__dirname, '..', '..', 'test-broker.cjs'))('${name}')
`,
  )
}
