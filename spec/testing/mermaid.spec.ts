// Records as diagrams that people read.

import { toMermaid } from '../../src/testing/mermaid.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('a diagram', () => {
  it('shows who published what to which queue, and who took it', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('dlq')
    await channel.assertQueue('q: 1', { deadLetterExchange: '', deadLetterRoutingKey: 'dlq' })
    await channel.assertQueue('short', { maxLength: 0 })
    await vhost.publish('', 'q: 1', 'x')
    await vhost.publish('', 'nowhere', 'x')
    await vhost.publish('', 'short', 'x')
    const got = await channel.get('q: 1')
    if (got) channel.reject(got, false)
    await vhost.waitForDeadLetter()
    expect(toMermaid(vhost.events()).split('\n')).toEqual([
      'sequenceDiagram',
      '  participant p1 as the test',
      '  participant p2 as queue q#58; 1',
      '  participant p3 as queue short',
      '  participant p4 as channel 1/1',
      '  participant p5 as queue dlq',
      '  p1->>p2: q#58; 1',
      '  Note over p1: nowhere dropped',
      '  p1->>p3: short',
      '  Note over p3: message 1 dropped (maxlen)',
      '  p2->>p4: message 1',
      '  p4-->>p2: rejected 1',
      '  p2->>p5: dead letter (rejected)',
      '',
    ])
  })
})
