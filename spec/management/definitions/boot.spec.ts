// Definitions that a broker starts with, from a file or a folder.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from '../../../src/broker/store.ts'
import { BootDefinitions } from '../../../src/management/definitions/boot.ts'
import { Site } from '../../support/site.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'

const queues = (...names: readonly string[]) => JSON.stringify({ queues: names.map((name) => ({ name, vhost: '/' })) })

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

let folder: string
let site: Site

beforeEach(async () => {
  folder = await createTemporaryDirectory()
  site = await Site.start()
})

afterEach(async () => {
  await site.broker.stop()
  await removeTemporaryDirectory(folder)
})

it('a file is made true, and told', async () => {
  const path = file('a.json', `\ufeff${queues('a', 'b')}`)
  await site.declareQueue('b', { durable: false })
  await (await BootDefinitions.read(path)).adopt(site.broker.adoption, site.log)
  expect([...site.vhost.queues.keys()]).toEqual(['b', 'a'])
  expect(site.log.lines).toEqual([
    {
      level: 'warn',
      fields: { file: path, place: 'queues[1]' },
      message: expect.stringMatching(/^a definition is not followed: inequivalent arg 'durable'/),
    },
    { level: 'info', fields: { file: path, changes: 1, unchanged: 0 }, message: 'definitions were loaded' },
  ])
})

it('a folder is read in the order of its names', async () => {
  const inner = join(folder, 'inner')
  mkdirSync(inner)
  file('inner/2.json', queues('b'))
  file('inner/1.json', queues('a'))
  file('inner/notes.txt', 'nothing of this')
  await (await BootDefinitions.read(inner)).adopt(site.broker.adoption, site.log)
  expect([...site.vhost.queues.keys()]).toEqual(['a', 'b'])
})

it('it is known whether they have users and vhosts', async () => {
  const said = async (text: string) => {
    const { haveUsers, haveVhosts } = await BootDefinitions.read(file('c.json', text))
    return [haveUsers, haveVhosts]
  }
  expect(await said(queues('a'))).toEqual([false, false])
  expect(await said('{"users":[{"name":"u"}],"vhosts":[{"name":"v"}]}')).toEqual([true, true])
})

it.each([
  ['no JSON', '{', 'JSON'],
  ['what cannot be read', '{"queues":[{}]}', 'queues[0].vhost: is missing'],
])('%s is told with the name of the file', async (_, text, message) => {
  const path = file('bad.json', text)
  await expect(BootDefinitions.read(path)).rejects.toMatchObject({
    name: 'DefinitionsError',
    message: expect.stringContaining(message),
  })
  await expect(BootDefinitions.read(path)).rejects.toThrow(`the definitions in ${path} cannot be used: `)
})

it('what cannot be, or a file that is not there, is told with the name of the file', async () => {
  await expect(BootDefinitions.read(join(folder, 'none'))).rejects.toMatchObject({ name: 'DefinitionsError' })
  const path = file('gone.json', '{"queues":[{"name":"q","vhost":"gone"}]}')
  const read = await BootDefinitions.read(path)
  await expect(read.adopt(site.broker.adoption, site.log)).rejects.toThrow(
    `the definitions in ${path} cannot be used: queues[0].vhost: there is no vhost 'gone'`,
  )
})

it('what the store does not take is told as that', async () => {
  const read = await BootDefinitions.read(file('d.json', queues('a')))
  const failing = { adopt: () => Promise.reject(new StoreError('failed', 'full')) }
  await expect(read.adopt(failing, site.log)).rejects.toMatchObject({ name: 'StoreError' })
})
