// Channels, consumers and queues of all kinds together, in random lives (trial/session-trial.ts): who has room is given what
// there is, whatever was said before (behaviour.md §7.2, §7.3).

import fc from 'fast-check'
import { cases } from '../broker/queue/trial/cases.ts'
import { STREAM } from './trial/client.ts'
import { queues, SessionTrial, shares } from './trial/session-trial.ts'

const LIVES = 400
/** Time for all lives, and to find the shortest one that fails: less than the runner waits, which would say nothing of it. */
const MOST_MS = 45_000

interface Word {
  readonly say: (typeof words)[number]
  readonly channel: number
  readonly queue: string
  readonly number: number
  readonly flag: boolean
}

interface Chunk {
  readonly client: number
  readonly words: readonly Word[]
  readonly deed: (typeof deeds)[number]
}

/** The queue that most of a life is about. */
const FAVOURITE = ''

function times<T>(count: number, thing: T): readonly T[] {
  return Array.from({ length: count }, () => thing)
}

const words = [
  ...times(8, 'publish' as const),
  ...times(4, 'consume' as const),
  ...times(4, 'qos' as const),
  ...times(4, 'ack' as const),
  ...times(2, 'reject' as const),
  ...times(2, 'requeue' as const),
  ...(['get', 'cancel', 'commit', 'rollback', 'purge'] as const),
]
const deeds = [
  ...times(16, 'nothing' as const),
  ...times(2, 'wait' as const),
  ...times(2, 'reconnect' as const),
  ...(['recover', 'reopen', 'stall', 'read', 'read'] as const),
]

const word: fc.Arbitrary<Word> = fc.record({
  say: fc.constantFrom(...words),
  channel: fc.constantFrom(1, 1, 2, 3),
  queue: fc.constantFrom(...times(12, FAVOURITE), 'q', STREAM, ...queues),
  number: fc.nat(5),
  flag: fc.boolean(),
})
const chunk: fc.Arbitrary<Chunk> = fc.record({
  client: fc.nat(1),
  words: fc.array(word, { maxLength: 5, size: 'max' }),
  deed: fc.constantFrom(...deeds),
})

const chunks = fc.array(chunk, { maxLength: 60, size: 'max' })

async function live(trial: SessionTrial, favourite: string, { client: which, words, deed }: Chunk): Promise<void> {
  for (const word of words) speak(trial, which, word.queue === FAVOURITE ? { ...word, queue: favourite } : word)
  await trial.check()
  const client = trial.clients[which]
  if (!client) return
  const channel = words[0]?.channel ?? 1
  if (deed === 'wait') await trial.pass(30)
  else if (deed === 'recover') await client.recover(channel)
  else if (deed === 'reopen') await client.reopen(channel)
  else if (deed === 'reconnect') await client.reconnect()
  else if (deed !== 'nothing') client.stall(deed === 'stall')
  await trial.check()
}

function speak({ clients }: SessionTrial, which: number, { say, channel, queue, number, flag }: Word): void {
  const client = clients[which]
  if (!client) return
  if (say === 'publish') {
    const copies = number === 5 ? 6 : 1
    for (let copy = 0; copy < copies; copy++) client.publish(channel, queue, number === 0 ? 100_000 : number, flag)
  } else if (say === 'consume')
    client.consume(channel, queue, { noAck: flag && number === 0, priority: number % 3, shares: shares(queue) })
  else if (say === 'ack' || say === 'requeue' || say === 'reject') client.settle(channel, number, say, flag)
  else if (say === 'qos') client.qos(channel, number % 4, flag)
  else if (say === 'get') client.get(channel, shares(queue) ? queue : 'quorum')
  else if (say === 'cancel') client.cancel(channel, number)
  else if (say === 'purge') client.purge(queue === STREAM ? 'q' : queue)
  else client.endTransaction(say === 'commit')
}

describe('sessions, whatever is said,', () => {
  it('give what there is to who has room, exceed no limit, and lose and double no message', async () => {
    const favourite = fc.constantFrom('q', 'q', STREAM, ...queues)
    const life = fc.asyncProperty(favourite, chunks, async (favourite, chunks) => {
      const trial = await SessionTrial.begin()
      for (const chunk of chunks) await live(trial, favourite, chunk)
      await trial.end()
    })
    await fc.assert(life, { ...cases(LIVES), interruptAfterTimeLimit: MOST_MS, markInterruptAsFailure: true })
  })
})
