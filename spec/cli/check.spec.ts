// `leveret check` in a process that is only pretended: lines, exit codes, and which directory is looked at.

import { StoreError } from '../../src/broker/store.ts'
import { type CheckFlags, type CheckStore, check, type Finding, findingLine } from '../../src/cli/check.ts'

const tally = { queues: 2, chunks: 1, messages: 0, octets: 512, findings: 0 }
const finding: Finding = {
  queueId: 7,
  queue: 'a "b"',
  vhost: '/',
  firstSeq: 5,
  lastSeq: 9,
  cause: 'its checksum is wrong',
}

async function run(checkStore: CheckStore, flags: CheckFlags = { flags: { dataDir: 'data' } }, env = {}) {
  let stdout = ''
  let stderr = ''
  const code = await check(flags, {
    env,
    cwd: '/here',
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    checkStore,
  })
  return { code, stdout, stderr }
}

describe('leveret check', () => {
  it('says what there is and ends with 0 when nothing is damaged', async () => {
    expect(await run(async () => tally)).toEqual({
      code: 0,
      stdout: '/here/data: 2 queues, 1 chunk, 0 messages, 512 octets; nothing is damaged\n',
      stderr: '',
    })
  })

  it('prints a line for each finding and ends with 65', async () => {
    const damaged: CheckStore = async (_, report) => {
      report(finding)
      return { ...tally, findings: 1 }
    }
    expect(await run(damaged)).toEqual({
      code: 65,
      stdout:
        'queue "a \\"b\\"" in vhost "/", messages 5 to 9: its checksum is wrong\n' +
        '/here/data: 2 queues, 1 chunk, 0 messages, 512 octets; 1 finding\n',
      stderr: '',
    })
  })

  it.each([
    [{ lastSeq: null }, 'queue "a \\"b\\"" in vhost "/", messages 5 to ?: its checksum is wrong'],
    [{ firstSeq: null, lastSeq: null }, 'queue "a \\"b\\"" in vhost "/": its checksum is wrong'],
    [{ queue: null, vhost: null }, 'queue number 7, messages 5 to 9: its checksum is wrong'],
    [{ queueId: null, queue: null, vhost: null, firstSeq: null }, 'store: its checksum is wrong'],
  ])('tells a finding as far as it is known: %j', (unknown, line) => {
    expect(findingLine({ ...finding, ...unknown })).toBe(line)
  })

  it.each([
    ['locked', 69],
    ['damaged', 65],
    ['failed', 74],
  ] as const)('tells a store that is %s on stderr, with %i', async (kind, code) => {
    const outcome = await run(() => Promise.reject(new StoreError(kind, 'why')))
    expect(outcome).toEqual({ code, stdout: '', stderr: expect.stringMatching(/^leveret: why \(--data-dir .*\)\n$/) })
  })

  it('looks where the environment says when no flag does', async () => {
    const { stdout } = await run(async () => tally, { flags: {} }, { LEVERET_DATA_DIR: '/there' })
    expect(stdout).toMatch(/^\/there: /)
  })

  it('tells a setting that cannot be used', async () => {
    const { code, stderr } = await run(async () => tally, { flags: { dataDir: '' } })
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringMatching(/^leveret: --data-dir: /) })
  })
})
