// Opening a data directory: new, foreign, newer, damaged, held by somebody else.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import type { StoreError } from '../../../src/broker/store.ts'
import { encodeNumber, FORMAT, versionKey } from '../../../src/store/level/layout.ts'
import { createLevelStore } from '../../../src/store/level/level-store.ts'
import { OWNER_NOTE } from '../../../src/store/level/owner-note.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { batch, bytes, put, transaction } from '../contract/trial.ts'

const options = { sync: false }

/** Opens the store and gives what it rejects with, as `kind: message`. */
async function refusal(directory: string): Promise<string> {
  const error: StoreError = await createLevelStore(directory, options)
    .open()
    .then(
      () => Promise.reject(new Error('it opened')),
      (error) => error,
    )
  return `${error.kind}: ${error.message}`
}

async function writeSomething(directory: string): Promise<void> {
  const store = createLevelStore(directory, options)
  const lease = await store.open()
  await store.meta.commit(lease, transaction([put('a', '1')]))
  await store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'a message')] }))
  await store.close()
}

describe('opening a data directory', () => {
  let directory: string

  beforeEach(async () => {
    directory = await createTemporaryDirectory()
  })

  afterEach(() => removeTemporaryDirectory(directory))

  it('creates it, with the directories above it', async () => {
    const deep = join(directory, 'var', 'lib')
    await writeSomething(deep)
    expect(await readdir(deep)).toContain('CURRENT')
  })

  it('refuses a path that is, or leads through, a file', async () => {
    const file = join(directory, 'file')
    await writeFile(file, 'text')
    for (const path of [file, join(file, 'data')]) {
      expect(await refusal(path)).toBe(
        `failed: cannot use ${path} as a data directory: it, or a part of the path to it, is a file and not a directory`,
      )
    }
    expect(await readFile(file, 'utf8')).toBe('text')
  })

  it('names the process that holds the lock, as far as it is known', async () => {
    const held = join(directory, 'held')
    await mkdir(held)
    const holder = await holdLock(held)
    try {
      const stop = 'Stop that one first, or give this one a data directory of its own.'
      expect(await refusal(held)).toBe(`locked: the data directory ${held} is in use by another process. ${stop}`)
      await writeFile(join(held, OWNER_NOTE), `${holder.pid}\n`)
      const note = `another process (${OWNER_NOTE} there says: process ${holder.pid})`
      expect(await refusal(held)).toBe(`locked: the data directory ${held} is in use by ${note}. ${stop}`)
      expect(await readFile(join(held, OWNER_NOTE), 'utf8')).toBe(`${holder.pid}\n`)
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
  })

  it('notices that this very process holds it', async () => {
    const holder = createLevelStore(directory, options)
    await holder.open()
    expect(await refusal(directory)).toMatch(/^locked: .* is in use by this very process\./)
    await holder.close()
    await writeSomething(directory)
  })

  it('takes over from a process that was killed, and says that it was not closed', async () => {
    await writeSomething(directory)
    await writeFile(join(directory, OWNER_NOTE), '4194999\n')
    const warnings: string[] = []
    const store = createLevelStore(directory, { ...options, log: { warn: (message) => warnings.push(message) } })
    await store.open()
    expect(await readFile(join(directory, OWNER_NOTE), 'utf8')).toBe(`${process.pid}\n`)
    await store.close()
    expect(warnings).toEqual(['the data directory was not closed by its last owner, process 4194999'])
    expect(await readdir(directory)).not.toContain(OWNER_NOTE)
  })

  it('refuses a directory whose CURRENT is missing, and deletes nothing in it', async () => {
    await writeSomething(directory)
    await rm(join(directory, 'CURRENT'))
    const files = await readdir(directory)
    expect(await refusal(directory)).toMatch(/^damaged: .* but its file CURRENT is missing\. Restore it from a backup/)
    expect(await readdir(directory)).toEqual(files)
  })

  it('refuses a directory whose CURRENT or manifest cannot be read', async () => {
    for (const [file, text] of [
      ['CURRENT', ''],
      ['CURRENT', 'nonsense\n'],
      ['CURRENT', 'MANIFEST-000999\n'],
      [/^MANIFEST/, 'nonsense'],
    ] as const) {
      const broken = await createTemporaryDirectory()
      await writeSomething(broken)
      const name = (await readdir(broken)).find((name) => name.match(file)) as string
      await writeFile(join(broken, name), text)
      expect(await refusal(broken)).toMatch(/^damaged: the data directory .* is damaged: .* Restore it from a backup/)
      await removeTemporaryDirectory(broken)
    }
  })

  it('starts over where a first start was cut short', async () => {
    await writeFile(join(directory, 'MANIFEST-000001'), '')
    await writeFile(join(directory, 'LOCK'), '')
    await writeSomething(directory)
  })

  it('refuses a format that is newer than it knows, and leaves the lock', async () => {
    await writeSomething(directory)
    await change(directory, (engine) => engine.put(versionKey.format, encodeNumber(FORMAT + 1)))
    const message = `has format ${FORMAT + 1}, this version knows formats up to ${FORMAT}. Start the version of Leveret`
    expect(await refusal(directory)).toContain(`damaged: the data directory ${directory} ${message}`)
    await change(directory, (engine) => engine.put(versionKey.format, encodeNumber(FORMAT)))
    await writeSomething(directory)
  })

  it('refuses to start with a declared thing that is damaged', async () => {
    await writeSomething(directory)
    await change(directory, (engine) => engine.put(Buffer.from('ma'), Buffer.from('0000000000002')))
    expect(await refusal(directory)).toBe('damaged: the record under the key "ma" is damaged')
  })

  it('says what the engine dropped from a log whose checksums do not hold', async () => {
    await writeSomething(directory)
    const log = (await readdir(directory)).find((name) => name.endsWith('.log')) as string
    const content = await readFile(join(directory, log))
    content[content.indexOf('a message')] = 0
    await writeFile(join(directory, log), content)
    const warnings: string[] = []
    const store = createLevelStore(directory, { ...options, log: { warn: (message) => warnings.push(message) } })
    await store.open()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(
      /^the data directory is damaged: \d+\.log: dropping \d+ bytes; Corruption: checksum mismatch$/,
    )
    expect((await store.meta.load()).map(({ key }) => key)).toEqual(['a'])
    expect(await store.messages.read({ queueId: 1, firstSeq: 1 })).toBeNull()
    await store.close()
  })

  it('refuses the database of another program', async () => {
    await change(directory, (engine) => engine.put(Buffer.from('bitcoin'), Buffer.from('1')))
    expect(await refusal(directory)).toMatch(/^damaged: .* holds a LevelDB database of another program\./)
  })
})

async function change(directory: string, make: (engine: Level<Buffer, Buffer>) => Promise<void>): Promise<void> {
  const engine = new Level<Buffer, Buffer>(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await make(engine)
  await engine.close()
}

/** Lets another process hold the lock of a database. */
async function holdLock(directory: string): Promise<ChildProcess> {
  const program = `const { Level } = require('level')
    new Level(${JSON.stringify(directory)}).open().then(() => { console.log('held'); setInterval(() => {}, 60_000) })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}
