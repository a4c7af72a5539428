// The file of contexts: read strictly, written for its owner only.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { contextInUse, contextsPath, readContexts, writeContexts } from '../../src/cli/contexts.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'

const folders: string[] = []
afterEach(async () => {
  for (const each of folders.splice(0)) await removeTemporaryDirectory(each)
})

async function folder(): Promise<string> {
  const made = await createTemporaryDirectory()
  folders.push(made)
  return made
}

async function file(text?: string): Promise<{ path: string; env: { XDG_CONFIG_HOME: string } }> {
  const env = { XDG_CONFIG_HOME: await folder() }
  const path = contextsPath(env)
  if (text !== undefined) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return { path, env }
}

const two = 'current = "a"\n[contexts.a]\nurl = "http://a"\n[contexts.b]\nurl = "http://b"\ninsecure = true\n'

describe('contexts', () => {
  it('lie where XDG says, or under ~/.config', () => {
    expect(contextsPath({ XDG_CONFIG_HOME: '/x' })).toBe('/x/leveret/config.toml')
    expect(contextsPath({ HOME: '/home/a' })).toBe('/home/a/.config/leveret/config.toml')
  })

  it('are none without a file', async () => {
    const { path, env } = await file()
    expect(await readContexts(path)).toEqual({ contexts: {} })
    expect(await contextInUse(env, undefined)).toBeUndefined()
  })

  it('are written and read again, readable by their owner only', async () => {
    const { path } = await file()
    const written = { current: 'a', contexts: { a: { url: 'http://a', password: 'p' } } }
    await writeContexts(path, written)
    expect(await readContexts(path)).toEqual(written)
    expect(statSync(path).mode & 0o077).toBe(0)
    expect(readFileSync(path, 'utf8')).toContain('[contexts.a]')
  })

  it('are used by name, or as the current one', async () => {
    const { env } = await file(two)
    expect(await contextInUse(env, undefined)).toEqual({ name: 'a', entry: { url: 'http://a' }, named: false })
    expect(await contextInUse(env, 'b')).toMatchObject({ entry: { url: 'http://b', insecure: 'true' }, named: true })
    await expect(contextInUse(env, 'c')).rejects.toThrow(/no context "c" in .*config\.toml \(did you mean a\?\)/)
  })

  it.each([
    ['x = = 1', /is not TOML/],
    ['contests = 1', /"contests" is unknown, expected "current" or \[contexts.NAME\]/],
    ['[contexts.a]\nurll = "x"', /contexts.a.urll is unknown, expected one of url, amqp_url/],
    ['current = 1', /"current" is not the name of a context/],
    ['[contexts]\na = 1', /contexts.a is not a table/],
  ])('refuse %j', async (text, message) => {
    const { path } = await file(text)
    await expect(readContexts(path)).rejects.toThrow(message)
  })
})
