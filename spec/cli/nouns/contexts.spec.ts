// `leveret contexts`: a file of brokers, kept through commands.

import { leveret } from '../../support/cli.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'

let folder: string
beforeEach(async () => {
  folder = await createTemporaryDirectory()
})
afterEach(() => removeTemporaryDirectory(folder))

const run = (words: readonly string[], typed?: string) =>
  leveret(['contexts', ...words], {
    env: { XDG_CONFIG_HOME: folder },
    ...(typed === undefined ? {} : { typed, tty: true }),
  })

describe('contexts', () => {
  it('are added, listed with masked passwords, used and removed', async () => {
    await run(['add', 'a', '--url', 'http://u:secret@a', '--user', 'u', '--password', 'secret'])
    await run(['add', 'b', '--amqp-url', 'amqp://b'])
    const { stdout } = await run(['list'])
    expect(stdout).not.toContain('secret')
    expect(stdout).toContain('*\ta\thttp://u:********@a\t\tu\t********\n\tb')
    await run(['use', 'b'])
    expect((await run(['list', '-o', 'json'])).stdout).toContain('"current": "*",\n    "name": "b"')
    expect(await run(['remove', 'b'])).toMatchObject({ code: 0, stderr: 'context "b" is forgotten\n' })
    expect((await run(['-o', 'name'])).stdout).toBe('a\n')
  })

  it('ask for the password of a user on a terminal, without showing it', async () => {
    const { stderr } = await run(['add', 'a', '--url', 'http://a', '--user', 'u'], 'hidden\n')
    expect(stderr).toBe('password of u: \ncontext "a" is kept\n')
    expect((await run(['list'])).stdout).toContain('********')
  })

  it.each([
    [['use', 'x'], /no context "x"/],
    [['remove', 'x'], /no context "x"/],
    [['add', 'x'], /expected --url or --amqp-url/],
  ])('refuse %j', async (words, message) => {
    expect(await run(words)).toMatchObject({ code: 64, stderr: expect.stringMatching(message) })
  })

  it('change nothing in a dry run', async () => {
    await run(['add', 'a', '--url', 'http://a', '--dry-run'])
    expect((await run(['-o', 'name'])).stdout).toBe('')
  })
})
