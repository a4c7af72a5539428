// Which broker RabbitMQ's tools mean, and that each runs over a real HTTP connection.

import { Readable } from 'node:stream'
import { parseAdmin, settleAdmin } from '../../../src/cli/compat/admin/options.ts'
import { adminTarget, ctlTarget, hostOf, runCompat } from '../../../src/cli/compat/compat.ts'
import type { Terminal } from '../../../src/cli/terminal.ts'
import { scriptedApi } from '../../support/scripted-api.ts'

describe('the broker of rabbitmqctl', () => {
  it('is the one of LEVERET_URL, whatever the node is called', () => {
    const env = { LEVERET_URL: 'http://a:1', LEVERET_USER: 'me', LEVERET_PASSWORD: 'mine' }
    expect(ctlTarget('rabbit@b', env, '/')).toMatchObject({ url: 'http://a:1', user: 'me', password: 'mine' })
  })

  it('is where the node is, else here', () => {
    expect(ctlTarget('rabbit@b', {}, '/').url).toBe('http://b:15672')
    expect(ctlTarget(undefined, {}, '/').url).toBe('http://localhost:15672')
  })

  it('is asked as the first user of the broker beside it, which the same variables made', () => {
    const env = { RABBITMQ_DEFAULT_USER: 'admin', RABBITMQ_DEFAULT_PASS: 'secret' }
    expect(ctlTarget(undefined, env, '/')).toMatchObject({ user: 'admin', password: 'secret' })
    expect(ctlTarget(undefined, {}, '/')).toMatchObject({ user: 'guest', password: 'guest' })
  })
})

describe('the broker of rabbitmqadmin', () => {
  const target = (...argv: readonly string[]) => adminTarget(settleAdmin(parseAdmin(argv), undefined), {}, '/')

  it.each([
    [[], { url: 'http://localhost:15672', user: 'guest', password: 'guest' }],
    [['-H', 'a', '-P', '1', '-u', 'b', '-p', 'c'], { url: 'http://a:1', user: 'b', password: 'c' }],
    [['-s', '-k'], { url: 'https://localhost:15671', insecure: true }],
    [['-U', 'http://b:c%2F@a:1'], { url: 'http://a:1', user: 'b', password: 'c/' }],
    [['-H', '::1', '--path-prefix', '/x'], { url: 'http://[::1]:15672/x' }],
  ])('with %j is %j', (argv, expected) => {
    expect(target(...argv)).toMatchObject(expected)
  })
})

describe('the tools', () => {
  it('ask over HTTP, print on standard output, and give an exit code', async () => {
    const api = await scriptedApi()
    api.answer('GET /api/users', { status: 200, body: [{ name: 'guest', tags: ['administrator'] }] })
    let stdout = ''
    let stderr = ''
    const terminal: Terminal = {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      stdin: Readable.from(['secret\n']),
      env: { LEVERET_URL: api.url },
      cwd: '/',
      now: () => 0,
      pause: async () => {},
      interrupted: () => new AbortController().signal,
    }
    try {
      expect(await runCompat('rabbitmqctl', ['-q', 'list_users'], hostOf(terminal))).toBe(0)
      expect(stdout).toBe('user\ttags\nguest\t[administrator]\n')
      expect(await runCompat('rabbitmqadmin', ['-f', 'bash', 'list', 'users'], hostOf(terminal))).toBe(0)
      expect(stdout).toMatch(/guest\n$/)
      expect(await runCompat('rabbitmqctl', ['hash_password'], hostOf(terminal))).toBe(0)
      const { port } = new URL(api.url)
      await expect(hostOf(terminal).dial('127.0.0.1', Number(port))).resolves.toBeUndefined()
    } finally {
      await api.close()
    }
    expect(await runCompat('rabbitmqctl', ['list_users'], hostOf(terminal))).toBe(69)
    expect(stderr).toContain('Error: unable to perform an operation')
  })
})
