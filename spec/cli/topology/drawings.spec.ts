// Drawings of a small vhost.

import { dot, mermaid, tree } from '../../../src/cli/topology/drawings.ts'

const picture = {
  exchanges: [
    { name: '', type: 'direct' },
    { name: 'amq.topic', type: 'topic' },
    { name: 'events', type: 'topic' },
    { name: 'all"', type: 'fanout' },
  ],
  queues: [{ name: 'orders', type: 'quorum', messages: 3, consumers: 1 }, { name: 'lonely' }],
  bindings: [
    { source: '', destination: 'orders', destination_type: 'queue', routing_key: 'orders' },
    { source: 'events', destination: 'all"', destination_type: 'exchange', routing_key: '#' },
    { source: 'events', destination: 'orders', destination_type: 'queue', routing_key: 'order.*', arguments: { a: 1 } },
    { source: 'all"', destination: 'events', destination_type: 'exchange', routing_key: '' },
  ],
}

it('draws a tree', () => {
  expect(tree(picture)).toBe(
    `exchange events (topic)
├─ [#] exchange all"
│  └─ exchange events (round again)
└─ [order.* a=1] queue orders (quorum, 3 messages, 1 consumers)
exchange all" (fanout)
└─ exchange events
   ├─ [#] exchange all" (round again)
   └─ [order.* a=1] queue orders (quorum, 3 messages, 1 consumers)
bound to no exchange but the default one:
   queue lonely (0 messages, 0 consumers)
`,
  )
  expect(tree({ exchanges: [], queues: [], bindings: [] })).toBe('')
})

it('draws for Graphviz', () => {
  const text = dot(picture)
  expect(text).toContain('  "x:all\\"" [label="all\\" (fanout)", shape=ellipse];\n')
  expect(text).toContain('  "x:events" -> "q:orders" [label="order.* a=1"];\n')
  expect(text).not.toContain('amq.topic')
})

it('draws for Mermaid', () => {
  expect(mermaid(picture)).toBe(
    `flowchart LR
  n0(["events (topic)"])
  n1(["all#quot; (fanout)"])
  n2["orders"]
  n3["lonely"]
  n0 -->|"#"| n1
  n0 -->|"order.* a=1"| n2
  n1 --> n0
`,
  )
})
