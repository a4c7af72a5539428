// What the process and its machine have, as far as it can be measured here.

import { nodeFacts } from '../../src/management/node-facts.ts'

it('measures memory, disk and files', async () => {
  const settings = { memoryLimit: 1000, diskFreeLimit: 10, dataDir: __dirname, ephemeral: false }
  const facts = await nodeFacts(settings)
  expect(facts).toMatchObject({ memoryLimit: 1000, diskFreeLimit: 10, folder: __dirname })
  expect(Math.min(facts.memoryUsed, facts.diskFree, facts.processors)).toBeGreaterThan(0)
  if (process.platform === 'linux') expect(facts.filesTotal).toBeGreaterThan(facts.filesUsed)
})

it('says 0 of what cannot be measured, and of limits that are none', async () => {
  const settings = {
    memoryLimit: Number.POSITIVE_INFINITY,
    diskFreeLimit: 0,
    dataDir: '/nowhere/at/all',
    ephemeral: false,
  }
  expect(await nodeFacts(settings)).toMatchObject({ memoryLimit: 0, diskFree: 0 })
  expect(await nodeFacts({ ...settings, ephemeral: true })).toMatchObject({ folder: null })
})
