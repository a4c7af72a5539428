// What differs between two sets of settings, and what of it can be so at once.

import { configWith } from '../../src/config/config.ts'
import { changesBetween, picked } from '../../src/config/live.ts'

const current = configWith({}, {})

it('tells nothing of settings that are as they were', () => {
  expect(changesBetween(current, configWith({}, {}))).toEqual({ now: [], later: [] })
})

it('parts what can change at once from what needs a restart', () => {
  const next = configWith({ port: 1, logLevel: 'debug', loopbackUsers: [], dataDir: '/x', memoryLimit: 2 ** 30 }, {})
  expect(changesBetween(current, next)).toEqual({
    now: ['loopbackUsers', 'logLevel', 'memoryLimit'],
    later: ['port', 'dataDir'],
  })
})

it('compares lists by what is in them', () => {
  expect(changesBetween(current, { ...current, loopbackUsers: ['guest'] })).toEqual({ now: [], later: [] })
})

it('picks the settings that are named', () => {
  expect(picked(configWith({ port: 1 }, {}), ['port', 'ephemeral'])).toEqual({ port: 1, ephemeral: false })
})
