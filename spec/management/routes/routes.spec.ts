// The list of routes: every file beside it is in it.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { routes } from '../../../src/management/routes/routes.ts'

it('has the routes of every file', () => {
  const files = readdirSync(join(__dirname, '../../../src/management/routes')).filter((name) => name !== 'routes.ts')
  expect(routes.length).toBe(files.length)
  expect(new Set(routes).size).toBe(routes.length)
})
