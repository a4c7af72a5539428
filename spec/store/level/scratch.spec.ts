// The view of a data directory: the store's lock, what is refused, and tables that stay as they are.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import type { StoreError } from '../../../src/broker/store.ts'
import { Scratch } from '../../../src/store/level/scratch.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'

const KEY = Buffer.from('key')

async function refusal(directory: string): Promise<string> {
  const error: StoreError = await Scratch.open(directory).then(
    () => Promise.reject(new Error('it opened')),
    (error) => error,
  )
  return `${error.kind}: ${error.message}`
}

/** A process that has the directory open. */
async function holdLock(directory: string): Promise<ChildProcess> {
  const script = `import('level').then(async ({ Level }) => {
    await new Level(${JSON.stringify(directory)}).open()
    process.stdout.write('open')
    setInterval(() => {}, 1000)
  })`
  const holder = spawn(process.execPath, ['-e', script], { cwd: join(__dirname, '../../..') })
  await once(holder.stdout, 'data')
  return holder
}

describe('a view of a data directory', () => {
  let directory: string

  beforeEach(async () => {
    directory = join(await createTemporaryDirectory(), 'data')
    const engine = new Level<Buffer, Buffer>(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    await engine.open()
    await engine.put(KEY, Buffer.from('value'))
    await engine.close()
  })

  afterEach(() => removeTemporaryDirectory(join(directory, '..')))

  it('shows what is stored, in the log and in tables', async () => {
    for (const _ of ['log', 'tables']) {
      const scratch = await Scratch.open(directory)
      expect(await scratch.engine.get(KEY)).toEqual(Buffer.from('value'))
      expect(await scratch.drops()).toEqual([])
      await scratch.close()
      // Opened once for writing, the engine makes a table of its log.
      const engine = new Level(directory)
      await engine.open()
      await engine.close()
    }
    expect((await readdir(directory)).some((file) => file.endsWith('.ldb'))).toBe(true)
  })

  it('takes what is written to it for itself', async () => {
    const files = await readdir(directory)
    const scratch = await Scratch.open(directory)
    await scratch.engine.put(KEY, Buffer.from('other'))
    await scratch.close()
    expect(await readdir(directory)).toEqual(files)
    const again = await Scratch.open(directory)
    expect(await again.engine.get(KEY)).toEqual(Buffer.from('value'))
    await again.close()
  })

  it('does not write through a link, where a table lies that the engine has not noted', async () => {
    const names = Array.from({ length: 20 }, (_, number) => `${String(number + 1).padStart(6, '0')}.ldb`)
    for (const name of names) await writeFile(join(directory, name), 'written when the process died')
    const scratch = await Scratch.open(directory)
    expect(await scratch.engine.get(KEY)).toEqual(Buffer.from('value'))
    await scratch.close()
    for (const name of names) {
      expect(await readFile(join(directory, name), 'utf8')).toBe('written when the process died')
    }
  })

  it('is refused while another process has the directory open, and afterwards given', async () => {
    const holder = await holdLock(directory)
    try {
      expect(await refusal(directory)).toMatch(/^locked: the data directory .* is in use by another process/)
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
    await (await Scratch.open(directory)).close()
  })

  it('keeps other processes out, until it is closed', async () => {
    const scratch = await Scratch.open(directory)
    const opening = `import('level').then(({ Level }) => new Level(${JSON.stringify(directory)}).open()).catch(() => process.exit(3))`
    const open = async (): Promise<unknown> => {
      const child = spawn(process.execPath, ['-e', opening], { cwd: join(__dirname, '../../..') })
      const [code] = await once(child, 'exit')
      return code
    }
    expect(await open()).toBe(3)
    await scratch.close()
    expect(await open()).toBe(0)
  })

  it('needs no lock where nobody ever had it open, and leaves none', async () => {
    await rm(join(directory, 'LOCK'))
    await (await Scratch.open(directory)).close()
    expect(await readdir(directory)).not.toContain('LOCK')
  })

  it('is refused where there is no store, or only ruins of one', async () => {
    expect(await refusal(join(directory, 'nowhere'))).toMatch(/^failed: .* cannot be read as a data directory/)
    await mkdir(join(directory, 'empty'))
    expect(await refusal(join(directory, 'empty'))).toMatch(/^failed: .* holds no store$/)
    await rm(join(directory, 'CURRENT'))
    expect(await refusal(directory)).toMatch(/^damaged: .* its file CURRENT is missing/)
  })
})
