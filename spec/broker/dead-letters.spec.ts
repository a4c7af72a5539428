// The way of dead letters: to whom, in which order, and what becomes of them where there is none (behaviour.md §9.4).

import { DeadLetters, type DeathBed, NO_SEQ } from '../../src/broker/dead-letters.ts'
import type { DeadLetterTarget } from '../../src/broker/death.ts'
import type { Message } from '../../src/broker/message.ts'
import type { Outcome, Publisher } from '../../src/broker/queue/publisher.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { Vhost } from '../../src/broker/vhost.ts'
import { decodeProperties } from '../../src/protocol/properties.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { published } from '../support/site.ts'

describe('dead letters', () => {
  let events: string[]
  let queues: Map<string, Queue>
  let letters: DeadLetters
  /** What becomes of publishes to a queue, and what else they lead to. */
  let outcomes: { [queue: string]: (message: Message) => Outcome | 'pending' }

  /** A queue in which messages die, and which others can be sent to. */
  function bedOf(name: string, routingKey: string | null, exchange = ''): DeathBed {
    const target: DeadLetterTarget = { exchange, routingKey }
    const publish = (message: Message) => {
      events.push(`${message.copyBody()} to ${name}`)
      return outcomes[name]?.(message) ?? 'stored'
    }
    queues.set(name, { name, publish } as unknown as Queue)
    return { name, deadLetterTarget: target, buried: (seq) => events.push(`${seq} of ${name} buried`) }
  }

  const dying = (body: string) => published('', 'work', body)

  beforeEach(() => {
    events = []
    outcomes = {}
    queues = new Map()
    const { exchanges } = new Vhost('v', () => 0)
    letters = new DeadLetters({ queues, replies: new Map(), exchanges, generation: 1 }, new ManualClock(5000))
    letters.open()
  })

  it('arrive before the record of the message is settled, in the same call', () => {
    bedOf('dead', null)
    letters.bury(bedOf('work', 'dead'), 7, dying('m'), 'rejected')
    expect(events).toEqual(['m to dead', '7 of work buried'])
  })

  it('go on when one of them fails, which is told', () => {
    bedOf('dead', null)
    outcomes = {
      dead: (message) => {
        if (`${message.copyBody()}` === 'bad') throw new Error('a defect')
        letters.bury(bedOf('work', 'dead'), 8, dying('bad'), 'rejected')
        letters.bury(bedOf('other', 'nobody'), 9, dying('late'), 'rejected')
        return 'stored'
      },
    }
    expect(() => letters.bury(bedOf('work', 'dead'), 7, dying('m'), 'rejected')).toThrow('a defect')
    expect(events.filter((event) => event.endsWith('buried'))).toEqual([
      '7 of work buried',
      '8 of work buried',
      '9 of other buried',
    ])
  })

  it('carry the history of the message', () => {
    bedOf('dead', null)
    outcomes = {
      dead: ({ header, headerStart, headerEnd, dead, routingKey }) => {
        const history = decodeProperties(header, headerStart, headerEnd).headers?.get('x-death')
        expect(history).toMatchObject({ value: [{ value: expect.anything() }] })
        expect([dead, routingKey]).toEqual([true, 'dead'])
        return 'stored'
      },
    }
    letters.bury(bedOf('work', 'dead'), 7, dying('m'), 'expired')
    expect.assertions(2)
  })

  it.each<[string, DeathBed['deadLetterTarget']]>([
    ['there is no such exchange', { exchange: 'missing', routingKey: 'dead' }],
    ['the exchange leads nowhere', { exchange: '', routingKey: 'missing' }],
    ['the queue has none', null],
    ['the key is longer than a key can be', { exchange: '', routingKey: 'é'.repeat(128) }],
  ])('are dropped where %s', (_, deadLetterTarget) => {
    letters.bury({ ...bedOf('work', null), deadLetterTarget }, 7, dying('m'), 'rejected')
    expect(events).toEqual(['7 of work buried'])
  })

  it('are dropped for a queue that refuses them', () => {
    bedOf('dead', null)
    outcomes = { dead: () => 'rejected' }
    letters.bury(bedOf('work', 'dead'), 7, dying('m'), 'rejected')
    expect(events).toEqual(['m to dead', '7 of work buried'])
  })

  it('have no record to settle where the message was refused', () => {
    bedOf('dead', null)
    letters.bury(bedOf('work', 'dead'), NO_SEQ, dying('m'), 'maxlen')
    expect(events).toEqual(['m to dead'])
  })

  it('do not turn in a circle, unless somebody rejects them', () => {
    const work = bedOf('work', 'work')
    letters.bury(work, 1, dying('m'), 'expired')
    expect(events.splice(0)).toEqual(['1 of work buried'])
    letters.bury(work, 2, dying('m'), 'rejected')
    expect(events).toEqual(['m to work', '2 of work buried'])
  })

  it('that cause others are worked off one after the other, not one in the other', () => {
    const [work, next, last] = [bedOf('work', 'next'), bedOf('next', 'last'), bedOf('last', 'gone')]
    // Each arrival drives a former message out, and the second refuses what arrives as well.
    outcomes = {
      next: (message) => {
        letters.bury(next, 20, dying('n'), 'maxlen')
        letters.bury(next, NO_SEQ, message, 'maxlen')
        // Octets of a message without a record may be used again at once.
        message.body.fill('#')
        return 'rejected'
      },
      last: () => {
        letters.bury(last, 30, dying('l'), 'maxlen')
        return 'stored'
      },
    }
    letters.bury(work, 1, dying('m'), 'rejected')
    expect(events).toEqual([
      'm to next',
      '1 of work buried',
      'n to last',
      '20 of next buried',
      'm to last',
      '30 of last buried',
      '30 of last buried',
    ])
  })

  it('wait until all queues are there', () => {
    const early = new DeadLetters(
      { queues, replies: new Map(), exchanges: new Vhost('v', () => 0).exchanges, generation: 1 },
      new ManualClock(),
    )
    bedOf('dead', null)
    early.bury(bedOf('work', 'dead'), 7, dying('m'), 'expired')
    expect(events).toEqual([])
    early.open()
    expect(events).toEqual(['m to dead', '7 of work buried'])
  })

  describe('that somebody waits for', () => {
    const publisher = { expected: 0, expect: () => publisher.expected++, settle: () => {} }

    it.each<[string, Outcome | 'pending', number]>([
      ['stored', 'stored', 0],
      ['pending', 'pending', 1],
      ['rejected', 'rejected', 0],
      ['unknown', 'unknown', 0],
    ])('are %s where the queue says so', (sent, outcome, expected) => {
      bedOf('dead', null)
      outcomes = { dead: () => outcome }
      publisher.expected = 0
      expect(letters.send(bedOf('work', 'dead'), dying('m'), 'rejected', publisher, 7)).toBe(sent)
      expect(publisher.expected).toBe(expected)
    })

    it('are told to the queues with their number', () => {
      const publish = jest.fn((_message: Message, _publisher: Publisher | null, _tag: number) => 'stored')
      queues.set('dead', { name: 'dead', publish } as unknown as Queue)
      letters.send(bedOf('work', 'dead'), dying('m'), 'rejected', publisher, 7)
      expect(publish.mock.calls[0]?.slice(1)).toEqual([publisher, 7])
    })

    it('are lost without a way, and dropped in a circle or where they are to go nowhere', () => {
      const work = bedOf('work', 'work')
      const send = (bed: DeathBed) => letters.send(bed, dying('m'), 'expired', publisher, 7)
      expect([send(work), send(bedOf('other', 'missing')), send(bedOf('other', 'dead', 'missing'))]).toEqual([
        'dropped',
        'lost',
        'lost',
      ])
      expect(send({ ...work, deadLetterTarget: null })).toBe('dropped')
    })
  })
})
