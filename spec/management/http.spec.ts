// The HTTP door over real sockets: it opens at once, loads what answers with the first request, and closes in order.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpDoor } from '../../src/management/http.ts'
import { LogBook } from '../support/world.ts'

const plain = { certificate: null, upgrade: () => {} }
const doors: HttpDoor[] = []
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()))
})

async function open(routing: (request: IncomingMessage, response: ServerResponse) => void) {
  const close = jest.fn(async () => {})
  const load = jest.fn(async () => ({ routing, close }))
  const door = await HttpDoor.open({ host: '127.0.0.1', port: 0, logger: new LogBook(), load, ...plain })
  doors.push(door)
  return { door, load, close, url: `${door.url}/` }
}

it('loads the application with the first request, once', async () => {
  const { load, url } = await open((request, response) => response.end(`${request.method}`))
  expect(load).not.toHaveBeenCalled()
  const answers = await Promise.all([fetch(url), fetch(url, { method: 'POST' })])
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['GET', 'POST'])
  expect(load).toHaveBeenCalledTimes(1)
})

it('keeps connections for the next request as long as RabbitMQ does', async () => {
  const { url } = await open((_, response) => response.end())
  expect((await fetch(url)).headers.get('keep-alive')).toBe('timeout=60')
})

it('closes without ever having loaded it', async () => {
  const { door, load, url } = await open(() => {})
  await door.close()
  expect(load).not.toHaveBeenCalled()
  await expect(fetch(url)).rejects.toThrow()
})

it('lets the last answer leave before it closes', async () => {
  let finish = () => {}
  const begun = new Promise<void>((resolve) => {
    void open((_, response) => {
      finish = () => void response.end('last')
      resolve()
    }).then(({ url }) => fetching(url))
  })
  let fetched: Promise<string> = Promise.resolve('')
  const fetching = (url: string) => {
    fetched = fetch(url, { headers: { connection: 'close' } }).then((answer) => answer.text())
  }
  await begun
  const closed = doors[0]?.close()
  finish()
  expect(await fetched).toBe('last')
  await closed
})

it('does not wait for a connection that is kept alive after its last answer', async () => {
  let finish = () => {}
  let begun = () => {}
  const beginning = new Promise<void>((resolve) => {
    begun = resolve
  })
  const { door, url } = await open((_, response) => {
    finish = () => void response.end('last')
    begun()
  })
  const fetched = fetch(url).then((answer) => answer.text())
  await beginning
  const before = performance.now()
  const closed = door.close()
  finish()
  expect(await fetched).toBe('last')
  await closed
  expect(performance.now() - before).toBeLessThan(500)
})

it('says so where the application cannot be loaded', async () => {
  const logger = new LogBook()
  const load = () => Promise.reject(new Error('broken'))
  const door = await HttpDoor.open({ host: '127.0.0.1', port: 0, logger, load, ...plain })
  doors.push(door)
  expect((await fetch(`http://127.0.0.1:${door.address.port}/`)).status).toBe(500)
  expect(logger.defects).toMatchObject([{ fields: { err: { message: 'broken' } } }])
})

it('tells when the port is taken', async () => {
  const { door } = await open(() => {})
  const { port } = door.address
  const second = HttpDoor.open({
    host: '127.0.0.1',
    port,
    logger: new LogBook(),
    load: () => Promise.reject(),
    ...plain,
  })
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', port })
})
