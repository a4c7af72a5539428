// The test broker as a test uses it: over real sockets, with amqp.node, as its users do.

import { connect } from 'amqplib'
import { startBroker, type TestBroker } from '../../src/testing/index.ts'

it('x', async () => {
  const t0 = performance.now()
  const b = await startBroker()
  const t1 = performance.now()
  const v = await b.isolate()
  const t2 = performance.now()
  const c = await connect(v.url)
  const ch = await c.createConfirmChannel()
  await ch.assertQueue('q')
  ch.sendToQueue('q', Buffer.from('{"a":1}'))
  await ch.waitForConfirms()
  const m = await v.waitForMessage({ body: { a: 1 } })
  console.log(m, v.queue('q').depth(), v.leaks())
  await c.close()
  const t3 = performance.now()
  console.log(await v.dispose())
  const t4 = performance.now()
  await b.stop()
  console.log(t1-t0, t2-t1, t4-t3, performance.now()-t4)
  for (let i=0;i<5;i++){const t=performance.now(); const b2=await startBroker(); const t1=performance.now();const v=await b2.isolate();const t2=performance.now();await b2.stop();console.log(t1-t,t2-t1,performance.now()-t2)}
})
