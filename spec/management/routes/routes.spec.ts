// The list of routes: every file beside it is in it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { routes } from '../../../src/management/routes/routes.ts'

it('has the routes of every file, each once', () => {
  const folder = join(__dirname, '../../../src/management/routes')
  const list = readFileSync(join(folder, 'routes.ts'), 'utf8')
  const files = readdirSync(folder).filter((name) => name !== 'routes.ts')
  expect(files.filter((file) => !list.includes(`from './${file}'`))).toEqual([])
  expect(new Set(routes).size).toBe(routes.length)
})
