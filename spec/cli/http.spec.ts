// The HTTP client: what it sends, and which line and exit code each kind of trouble has.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { CommandError } from '../../src/cli/command-error.ts'
import { Api, type ApiOptions, path, refusal } from '../../src/cli/http.ts'
import type { Target } from '../../src/cli/target.ts'
import { type ScriptedApi, scriptedApi } from '../support/scripted-api.ts'

let server: ScriptedApi
const opened: Api[] = []
beforeEach(async () => {
  server = await scriptedApi()
})
afterEach(async () => {
  for (const api of opened.splice(0)) api.close()
  await server.close()
})

function api(target: Partial<Target> = {}, options: Partial<ApiOptions> = {}): Api {
  const made = new Api(
    { url: server.url, source: '--url', user: 'u', password: 'p', insecure: false, ...target },
    { timeoutMs: 5000, ...options },
  )
  opened.push(made)
  return made
}

const failure = (promise: Promise<unknown>): Promise<CommandError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => (error instanceof CommandError ? error : Promise.reject(error)),
  )

describe('a request', () => {
  it('has its names encoded', () => {
    expect(path('queues', '/', 'a b/ü')).toBe('/api/queues/%2F/a%20b%2F%C3%BC')
  })

  it('carries credentials, query and body, and brings JSON back', async () => {
    server.answer('PUT /api/a?x=1', { status: 201, body: { made: true } })
    expect(await api().put('/api/a', { b: 'ü' }, { x: 1, y: undefined })).toEqual({ made: true })
    const [request] = server.received
    expect(request).toMatchObject({ body: { b: 'ü' }, headers: { authorization: 'Basic dTpw' } })
  })

  it('is told with -v', async () => {
    const lines: string[] = []
    server.answer('DELETE /api/a', { status: 204 })
    await api({}, { log: (line) => lines.push(line) }).delete('/api/a')
    expect(lines).toEqual([expect.stringMatching(/^DELETE \/api\/a 204 \(\d+ ms\)$/)])
  })

  it('keeps its connection', async () => {
    server.answer('GET /api/a', { status: 200, body: [] })
    const one = api()
    for (const _ of [1, 2]) expect(await one.list('/api/a')).toEqual([])
    expect(server.received).toHaveLength(2)
    expect(server.received[1]?.headers['connection']).toBe('keep-alive')
  })

  it('that would change something is only told in a dry run, secrets apart', async () => {
    const lines: string[] = []
    server.answer('GET /api/a', { status: 200, body: {} })
    const dry = api({}, { dryRun: true, undone: (line) => lines.push(line) })
    await dry.post('/api/a', { password: 'secret', tags: '' })
    await dry.delete('/api/a')
    await dry.get('/api/a')
    expect(lines).toEqual(['would POST /api/a {"password":"(hidden)","tags":""}', 'would DELETE /api/a'])
    expect(server.received.map(({ method }) => method)).toEqual(['GET'])
  })
})

describe('a refusal', () => {
  it.each([
    [401, { error: 'not_authorised', reason: 'Login failed' }, 77, /^user "u" is not let in at http/],
    [
      401,
      { error: 'not_authorised', reason: 'Not administrator user' },
      77,
      /may not do this \(GET \/api\/a\): Not administrator user$/,
    ],
    [403, { error: 'forbidden', reason: 'no' }, 77, /^user "u" may not do this/],
    [404, { error: 'Object Not Found', reason: 'Not Found' }, 65, /^there is no a$/],
    [400, { error: 'bad_request', reason: 'inequivalent arg' }, 65, /^inequivalent arg$/],
    [503, { error: 'x', reason: 'not now' }, 69, /cannot do that now: not now$/],
    [500, { error: 'x', reason: 'broken' }, 70, /^broken$/],
    [418, 'teapot', 69, /is not the HTTP API of a broker: GET \/api\/a answered 418 \(the URL comes from --url\)$/],
    [404, 'nothing here', 69, /is not the HTTP API of a broker: GET \/api\/a is not found there/],
    [200, '<html>', 69, /answered no JSON/],
  ])('with %i %j exits with %i', async (status, body, code, line) => {
    server.answer('GET /api/a', { status, body, ...(typeof body === 'string' ? { type: 'text/html' } : {}) })
    const error = await failure(api().get('/api/a'))
    expect(error.exitCode).toBe(code)
    expect(error.message).toMatch(line)
  })

  it('of something that is asked for by name is no failure when it is 404', async () => {
    expect(await api().find('/api/nothing')).toBeUndefined()
    server.answer('GET /api/a', { status: 200, body: { b: 1 } })
    expect(await api().find('/api/a')).toEqual({ b: 1 })
  })

  it('is an object where a list was expected', async () => {
    server.answer('GET /api/a', { status: 200, body: {} })
    expect((await failure(api().list('/api/a'))).message).toMatch(/answered no list/)
  })

  it('has its words taken from the body', () => {
    expect(refusal({ error: 'a', reason: { b: 1 } })).toEqual({ error: 'a', reason: '{"b":1}' })
    expect(refusal('text')).toEqual({})
  })
})

describe('no answer', () => {
  const silent = async (answer: (server: Server) => void): Promise<string> => {
    const peer = createServer()
    answer(peer)
    peer.listen(0, '127.0.0.1')
    await once(peer, 'listening')
    return `http://127.0.0.1:${(peer.address() as AddressInfo).port}`
  }

  it('where nothing listens', async () => {
    const stopped = await scriptedApi()
    await stopped.close()
    const error = await failure(api({ url: stopped.url }).get('/api/a'))
    expect(error).toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/^nothing listens at .*is the broker running\? \(the URL comes from --url\)$/),
    })
    const usual = await failure(api({ url: stopped.url, source: 'the default' }).get('/api/a'))
    expect(usual.message).toMatch(/\(--url or LEVERET_URL names another\)$/)
  })

  it('within the time there is', async () => {
    const url = await silent((peer) =>
      peer.on('connection', (socket) =>
        socket
          .on('error', () => {})
          .resume()
          .once('close', () => peer.close()),
      ),
    )
    const error = await failure(api({ url }, { timeoutMs: 20 }).get('/api/a'))
    expect(error).toMatchObject({ exitCode: 75, message: expect.stringMatching(/did not answer within 0.02 s/) })
  })

  it('but a closed connection', async () => {
    const url = await silent((peer) =>
      peer.on('connection', (socket) => {
        peer.close()
        socket.destroy()
      }),
    )
    expect(await failure(api({ url }).get('/api/a'))).toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/closed the connection/),
    })
  })
})

describe('a stream', () => {
  it('comes in pieces until it ends', async () => {
    server.answer('GET /api/events', { status: 200, body: 'data: 1\n\ndata: 2\n\n', type: 'text/event-stream' })
    let text = ''
    for await (const piece of api().stream('/api/events', new AbortController().signal)) text += piece
    expect(text).toBe('data: 1\n\ndata: 2\n\n')
  })

  it('that is refused fails as anything else', async () => {
    const all = async () => {
      for await (const _ of api().stream('/api/nothing', new AbortController().signal));
    }
    expect(await failure(all())).toMatchObject({ word: 'not_found' })
  })
})
