// The engine as the store uses it: its options, its errors in our words, and what a refused write ends.

import { readdir, readFile, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lease, Store } from '../../../src/broker/store.ts'
import { codeOf, readError, reasonOf } from '../../../src/store/level/database.ts'
import { createLevelStore } from '../../../src/store/level/level-store.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { batch, bytes, kindOf, listen, put, putEphemeral, transaction } from '../contract/trial.ts'

const FULL = '/dev/full'

describe('a disk that is full', () => {
  let directory: string
  let store: Store
  let lease: Lease

  beforeEach(async () => {
    directory = await createTemporaryDirectory()
    store = createLevelStore(directory, { sync: true })
    lease = await store.open()
  })

  afterEach(async () => {
    await store.close()
    await removeTemporaryDirectory(directory)
  })

  const commitMessage = (seq: number) => store.messages.commit(lease, batch({ chunks: [bytes(1, seq, `m${seq}`)] }))

  /** LevelDB's next log, which it starts after 32 MiB of writes, will be one that takes no byte. */
  async function fillDisk(): Promise<void> {
    const names = new Set(await readdir(directory))
    for (let number = 3; number < 30; number++) {
      const name = `${number}`.padStart(6, '0')
      if (!names.has(`${name}.log`)) await symlink(FULL, join(directory, `${name}.log`))
    }
    const chunk = { queueId: 2, firstSeq: 1, bytes: Buffer.alloc(2 ** 20) }
    for (let count = 0; count < 33; count++) {
      const failed = await store.messages.commit(lease, batch({ chunks: [chunk] })).then(
        () => null,
        (error) => error,
      )
      if (failed === null) continue
      expect(failed.kind).toBe('unknown')
      expect(failed.message).toMatch(/^the data directory did not take a write: .*No space left on device/)
      return
    }
    throw new Error('the disk did not fill up')
  }

  async function emptyDisk(): Promise<void> {
    for (const name of await readdir(directory)) {
      const target = await readlink(join(directory, name)).catch(() => '')
      if (target === FULL) await rm(join(directory, name))
    }
  }

  it('ends all writing until the store is opened again, and loses nothing that was acknowledged', async () => {
    await commitMessage(1)
    await store.meta.commit(lease, transaction([put('a', '1')]))
    const told = listen(store)
    await fillDisk()
    await emptyDisk()
    expect(await kindOf(commitMessage(2))).toBe('failed')
    expect(await kindOf(store.messages.dropQueue(lease, 1))).toBe('failed')
    expect(await kindOf(store.meta.commit(lease, transaction([put('b', '1')])))).toBe('failed')
    expect(await kindOf(store.meta.commit(lease, transaction([putEphemeral('b', '1')])))).toBe('failed')
    expect(told).toEqual([])
    await expect(commitMessage(2)).rejects.toThrow('No space left on device')
    expect(await store.messages.read({ queueId: 1, firstSeq: 1 })).toEqual(Buffer.from('m1'))
    await store.close()

    lease = await store.open()
    await commitMessage(3)
    expect(await store.messages.read({ queueId: 1, firstSeq: 1 })).toEqual(Buffer.from('m1'))
    expect(await store.messages.read({ queueId: 1, firstSeq: 2 })).toBeNull()
    expect((await store.meta.load()).map(({ key }) => key)).toEqual(['a'])
  })
})

describe('errors of the engine', () => {
  it('are told by their innermost cause', () => {
    const native = Object.assign(new Error('Corruption: block checksum mismatch'), { code: 'LEVEL_CORRUPTION' })
    const outer = Object.assign(new Error('Could not read'), { code: 'LEVEL_READ', cause: native })
    expect([codeOf(outer), codeOf(new Error('x')), codeOf('text')]).toEqual(['LEVEL_CORRUPTION', undefined, undefined])
    expect([reasonOf(outer), reasonOf('text')]).toEqual(['Corruption: block checksum mismatch', 'text'])
    expect(readError(outer).kind).toBe('damaged')
    expect(readError(new Error('x')).kind).toBe('failed')
    expect(readError(readError(outer)).kind).toBe('damaged')
  })

  it('are damage where a file is missing or too short', () => {
    const native = (message: string) => Object.assign(new Error(message), { code: 'LEVEL_IO_ERROR' })
    expect(readError(native('IO error: 000005.ldb: Invalid argument')).kind).toBe('damaged')
    expect(readError(native('IO error: 000005.ldb: No such file or directory')).kind).toBe('damaged')
    expect(readError(native('IO error: 000005.ldb: Input/output error')).kind).toBe('failed')
  })
})

describe('a table that is damaged', () => {
  const content = Buffer.alloc(2 ** 20, 'x')
  let directory: string
  let store: Store
  let table: string

  beforeEach(async () => {
    directory = await createTemporaryDirectory()
    store = createLevelStore(directory, { sync: false })
    const chunks = [1, 2, 3].map((firstSeq) => ({ queueId: 1, firstSeq, bytes: content }))
    await store.messages.commit(await store.open(), batch({ chunks }))
    await store.close()
    // This start turns the log into a table.
    await store.open()
    await store.close()
    const name = (await readdir(directory)).find((name) => name.endsWith('.ldb')) as string
    table = join(directory, name)
  })

  afterEach(async () => {
    await store.close()
    await removeTemporaryDirectory(directory)
  })

  it('is noticed on opening when it is cut short', async () => {
    await truncate(table, 2 ** 20)
    expect(await kindOf(store.open())).toBe('damaged')
  })

  it('is noticed on reading when a block of it makes no sense, and the others are still read', async () => {
    const bytes = await readFile(table)
    await writeFile(table, bytes.fill(0xff, 2 ** 19, 2 ** 20 + 2 ** 10))
    await store.open()
    const found: number[] = []
    for await (const { firstSeq } of store.messages.recover(1)) found.push(firstSeq)
    expect(found).toEqual([1, 2, 3])
    expect(await kindOf(store.messages.read({ queueId: 1, firstSeq: 1 }))).toBe('damaged')
    expect((await store.messages.read({ queueId: 1, firstSeq: 3 }))?.equals(content)).toBe(true)
  })
})
