// `leveret events`: server-sent events, taken apart and printed.

import { eventsOf } from '../../../src/cli/nouns/events.ts'
import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const stream =
  ': hello\n\nevent: queue.created\ndata: {"name":"a","vhost":"/"}\n\ndata: {"event":"user.deleted",\ndata: "name":"b"}\n\n'

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

describe('events', () => {
  it.each([1, 7, 1000])('are the same in pieces of %i characters', async (size) => {
    const events: unknown[] = []
    for await (const event of eventsOf(pieces(stream, size))) events.push(event)
    expect(events).toEqual([
      { event: 'queue.created', name: 'a', vhost: '/' },
      { event: 'user.deleted', name: 'b' },
    ])
  })

  it.each([
    [[], '{"event":"queue.created","name":"a","vhost":"/"}\n{"event":"user.deleted","name":"b"}\n'],
    [['--of', 'user'], '{"event":"user.deleted","name":"b"}\n'],
    [['--filter', 'name=a'], '{"event":"queue.created","name":"a","vhost":"/"}\n'],
    [['--count', '1', '-f'], '{"event":"queue.created","name":"a","vhost":"/"}\n'],
    [['-o', 'table', '--count', '1'], 'queue.created name=a vhost=/\n'],
  ])('are printed with %j', async (words, text) => {
    peer.api.answer('GET /api/leveret/events', { status: 200, body: stream, type: 'text/event-stream' })
    expect(await peer.run(['events', ...words])).toMatchObject({ code: 0, stdout: text })
  })

  it('are not there in RabbitMQ', async () => {
    expect(await peer.run(['events'])).toMatchObject({ code: 69, stderr: expect.stringMatching(/tells no events/) })
  })
})
