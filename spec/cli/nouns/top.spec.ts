// `leveret top`: what it draws, and the keys it obeys.

import { PassThrough } from 'node:stream'
import { Given } from '../../../src/cli/command.ts'
import { readGlobals } from '../../../src/cli/globals.ts'
import { top } from '../../../src/cli/nouns/top.ts'
import { Task } from '../../../src/cli/task.ts'
import { cliPeer } from '../../support/cli.ts'
import { fakeTerminal } from '../../support/terminal.ts'

const peer = cliPeer()
const queue = (name: string, messages: number, rate: number) => ({
  vhost: '/',
  name,
  messages,
  messages_ready: messages,
  messages_unacknowledged: 0,
  consumers: 0,
  message_stats: { publish_details: { rate } },
})
const answers = {
  overview: {
    product_name: 'Leveret',
    product_version: '1',
    object_totals: { queues: 2 },
    queue_totals: { messages: 15 },
  },
  nodes: [],
  queues: [queue('busy', 5, 100), queue('full', 10, 0)],
}

async function typed(keys: readonly string[]): Promise<string> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const waiting = [...keys]
  const screen = fakeTerminal({ tty: true, columns: 100 })
  const terminal = {
    ...screen,
    stdin,
    interrupted: () => new AbortController().signal,
    // Each time that it waits for a key, the next one is typed.
    pause: () => {
      const key = waiting.shift()
      if (key !== undefined) stdin.emit('data', Buffer.from(key))
      return new Promise<void>(() => {})
    },
  }
  const task = new Task(terminal, readGlobals({ url: peer.api.url, color: false }))
  await top.run(task, new Given([], {}))
  task.close()
  return screen.out()
}

describe('top', () => {
  it('prints once where nobody looks', async () => {
    peer.holds(answers)
    expect((await peer.run(['top', '-o', 'name'])).stdout).toBe('full\nbusy\n')
  })

  it('draws the busiest first, sorts by a key, and leaves with q', async () => {
    peer.holds(answers)
    const frames = (await typed(['i', 'q'])).split('\u001b[H').slice(1)
    expect(frames).toHaveLength(2)
    const [byMessages = '', byRate = ''] = frames
    expect(byMessages.indexOf('full')).toBeLessThan(byMessages.indexOf('busy'))
    expect(byRate.indexOf('busy')).toBeLessThan(byRate.indexOf('full'))
    expect(byMessages).toMatch(/Leveret 1 at http.*\n2 queues, 0 connections.*15 messages/s)
  })

  it.each(['q', 'Q', '\u0003', '\u001b'])('gives the terminal back after %j', async (key) => {
    peer.holds(answers)
    const text = await typed([key])
    expect(text.startsWith('\u001b[?1049h')).toBe(true)
    expect(text.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
  })

  it('waits for a broker that is away', async () => {
    peer.holds(answers)
    peer.api.answer('GET /api/queues', { status: 503, body: { error: 'x', reason: 'starting' } })
    expect(await typed(['q'])).toContain('cannot do that now: starting')
  })
})
