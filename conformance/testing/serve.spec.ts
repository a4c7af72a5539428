/**
 * `leveret serve --test-mode` as a process: the control API is there, a test kills the broker without ending the process,
 * and a folder for data is refused.
 */
import { startProgram } from '../support/program.ts'
import { paths } from './examples.ts'

const doors = [
  '--host',
  '127.0.0.1',
  '--port',
  '0',
  '--http-host',
  '127.0.0.1',
  '--http-port',
  '0',
  '--metrics-port',
  'off',
]

function serve(...more: readonly string[]) {
  const args = [paths.main, 'serve', '--test-mode', '--log-format', 'json', ...doors, ...more]
  return startProgram({ command: process.execPath, args, limitMs: 60_000 })
}

describe('leveret serve --test-mode', () => {
  it('serves a broker that tests control', async () => {
    const program = serve('--test-clock', 'virtual')
    const { urls } = JSON.parse(await program.line('startup complete')) as { readonly urls: readonly string[] }
    const api = `${urls.find((url) => url.startsWith('http'))}/api/leveret/test`
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const isolated = await post('/isolate', { name: 'mine' })
    expect(isolated.body['url']).toContain(`@${urls[0]?.replace('amqp://', '')}/mine-1`)
    expect((await post('/clock', { advance: '15m' })).status).toBe(200)
    expect((await post('/restart', { kill: true })).status).toBe(202)
    let listened = 0
    await program.line((line) => line.includes('started TCP listener') && ++listened === 2)
    const again = await until(() => fetch(api).then((answer) => answer.json()))
    expect(again).toMatchObject({ url: `${urls[0]?.replace('amqp://', 'amqp://guest:guest@')}/%2F` })
    program.signal('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('refuses a folder for data', async () => {
    const { code, stderr } = await serve('--data-dir', '/nowhere').ended
    expect(stderr).toBe('leveret: --data-dir: a broker keeps its data in memory with --test-mode\n')
    expect(code).toBe(64)
  })
})

/** What `ask` answers, once somebody is there to ask: the door for HTTP opens after the other, and says nothing of it. */
async function until<T>(ask: () => Promise<T>): Promise<T> {
  for (const limit = AbortSignal.timeout(20_000); ; ) {
    try {
      return await ask()
    } catch (error) {
      if (limit.aborted) throw error
    }
  }
}
