// Compiles dist/ once more, to CommonJS in dist/cjs/: for programs that `require` the test broker, and for Jest, whose
// tests run in a VM that imports no ECMAScript modules. The command line is left out; nobody requires that.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { transformSync } from '@swc/core'
import { bundle } from './bundle.js'

const dist = join(import.meta.dirname, '..', 'dist')
const target = join(dist, 'cjs')
const options = {
  jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
  module: { type: 'commonjs', importInterop: 'node', strict: true },
  sourceMaps: false,
}

rmSync(target, { recursive: true, force: true })
const names = readdirSync(dist, { recursive: true, encoding: 'utf8' })
for (const name of names.filter((each) => each.endsWith('.js') && !each.startsWith(`cli${sep}`))) {
  const { code } = transformSync(readFileSync(join(dist, name), 'utf8'), { ...options, filename: name })
  const path = join(target, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, code)
  // The same types, as those of CommonJS: a program that requires them has no others.
  copyFileSync(join(dist, name.replace(/js$/, 'd.ts')), path.replace(/js$/, 'd.ts'))
}
writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n')
// What `leveret exec` starts: each run of it loads it anew, and with it what starting a broker has compiled here.
const whole = join(dist, 'test-broker.cjs')
bundle(target, 'testing/for-program.js', whole)
rmSync(`${whole}.cache`, { force: true })
const { loadCompiled } = await import('../dist/cli/compiled.js')
const loaded = loadCompiled(whole)
const broker = await loaded.exports.startForProgram({ host: '127.0.0.1', port: 0, clock: 'real', compat: 'leveret' })
await broker.stop()
writeFileSync(`${whole}.cache`, loaded.compiled())
