// `leveret definitions`: out of a broker, into a broker, compared, checked.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cliPeer } from '../../support/cli.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'

const peer = cliPeer()
let cwd: string
beforeEach(async () => {
  cwd = await createTemporaryDirectory()
})
afterEach(() => removeTemporaryDirectory(cwd))

const queue = (name: string) => ({ vhost: '/', name, durable: true, auto_delete: false, arguments: {} })
const now = { users: [{ name: 'guest', password_hash: 'H', tags: [] }], queues: [queue('a'), queue('old')] }
const wanted = { users: [], queues: [queue('a'), queue('new')] }
const run = (words: readonly string[], more: object = {}) => peer.run(['definitions', ...words], { cwd, ...more })
const file = (name: string, content: unknown) => {
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content))
  return name
}

describe('definitions export', () => {
  it('writes to standard output, or to a file that only its owner reads', async () => {
    peer.holds({ definitions: now, 'definitions/v': { queues: [] } })
    expect(JSON.parse((await run(['export'])).stdout)).toEqual(now)
    expect((await run(['export', 'out.json'])).stderr).toBe('3 definitions written to out.json\n')
    expect(JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8'))).toEqual(now)
    expect(statSync(join(cwd, 'out.json')).mode & 0o077).toBe(0)
    expect(JSON.parse((await run(['export', '-p', 'v'])).stdout)).toEqual({ queues: [] })
  })

  it('has transforms', async () => {
    peer.holds({ definitions: now })
    expect(JSON.parse((await run(['export', '--transform', 'exclude_users'])).stdout)).toEqual({ queues: now.queues })
    expect((await run(['export', 'no/such/folder.json'])).code).toBe(74)
    expect((await run(['export', 'x.json', '--dry-run'])).stderr).toMatch(/^would write \d+ characters to x\.json/)
  })
})

describe('definitions import', () => {
  beforeEach(() => {
    peer.holds({ definitions: now })
    peer.takes('POST /api/definitions', 'POST /api/definitions/v', 'DELETE /api/queues/%2F/old')
  })

  it('sends a file, or standard input, or that of one vhost', async () => {
    expect((await run(['import', file('f.json', wanted)])).stderr).toBe('2 definitions imported\n')
    await run(['import', '-', '-p', 'v'], { typed: '{"queues":[]}' })
    expect(peer.changes()).toEqual([
      ['POST /api/definitions', wanted],
      ['POST /api/definitions/v', { queues: [] }],
    ])
  })

  it('shows with --dry-run what would change, and changes nothing', async () => {
    const { code, stdout } = await run(['import', file('f.json', wanted), '--dry-run', '--prune', '-s'])
    expect(code).toBe(0)
    expect(stdout).toBe('added\tqueues\t/\tnew\t\nremoved\tqueues\t/\told\t\n')
    expect(peer.changes()).toEqual([])
  })

  it('deletes with --prune what the file does not have, but not who asks', async () => {
    expect((await run(['import', file('f.json', wanted), '--prune'])).code).toBe(64)
    await run(['import', 'f.json', '--prune', '--yes'])
    expect(peer.changes()).toEqual([['POST /api/definitions', wanted], 'DELETE /api/queues/%2F/old'])
  })

  it('leaves a broker alone that has it all', async () => {
    const { stderr } = await run(['import', file('f.json', { queues: [queue('a')] }), '--skip-if-unchanged'])
    expect(stderr).toBe('nothing to import: the broker has all of it\n')
    expect(peer.changes()).toEqual([])
    await run(['import', file('g.json', wanted), '--skip-if-unchanged'])
    expect(peer.changes()).toHaveLength(1)
  })

  it('follows a large one on a terminal', async () => {
    const large = { queues: Array.from({ length: 1000 }, (_, index) => queue(`q${index}`)) }
    peer.holds({ overview: { object_totals: { queues: 10, exchanges: 7 } } })
    const { code, stderr } = await run(['import', file('f.json', large)], { tty: true })
    expect(code).toBe(0)
    expect(stderr).toContain('importing')
  })

  it.each([
    ['{', 65, /f\.json is not JSON/],
    [{ queues: [{ vhost: '/' }] }, 65, /f\.json: queues\[0\]\.name: is missing, expected a text/],
  ])('refuses %j', async (content, code, line) => {
    expect(await run(['import', file('f.json', content)])).toMatchObject({ code, stderr: expect.stringMatching(line) })
    expect(peer.changes()).toEqual([])
  })

  it('says which file cannot be read', async () => {
    expect(await run(['import', 'none.json'])).toMatchObject({
      code: 66,
      stderr: expect.stringMatching(/none\.json cannot be read/),
    })
  })
})

describe('definitions diff', () => {
  it('compares two files, or a file and the broker', async () => {
    peer.holds({ definitions: now })
    const [before, after] = [file('a.json', now), file('b.json', { queues: wanted.queues })]
    const text = 'added\tqueues\t/\tnew\t\nremoved\tqueues\t/\told\t\n'
    expect(await run(['diff', before, after, '-s'])).toMatchObject({ code: 1, stdout: text })
    expect(await run(['diff', after, '-s'])).toMatchObject({ code: 1, stdout: text })
    expect(await run(['diff', before, '-s'])).toMatchObject({ code: 0, stdout: '' })
  })
})

describe('definitions validate', () => {
  it('finds what is wrong without a broker', async () => {
    const bad = file('bad.json', { queues: [{ vhost: '/' }] })
    expect(await run(['validate', bad])).toMatchObject({
      code: 65,
      stdout: 'place\tproblem\nqueues[0].name\tis missing, expected a text\n',
      stderr: 'bad.json: 1 definition, 1 problem\n',
    })
    expect((await run(['validate', file('good.json', now)])).code).toBe(0)
    expect(peer.api.received).toEqual([])
  })
})
