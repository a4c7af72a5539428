// What `leveret/testing` offers to those who import it.

import * as testing from '../../src/testing/index.ts'

describe('leveret/testing', () => {
  it('offers what its documentation names', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'LeakError',
      'WaitError',
      'fromNdjson',
      'startBroker',
      'toMermaid',
      'toNdjson',
    ])
  })

  it('starts a broker', async () => {
    const broker = await testing.startBroker()
    expect(broker.url).toMatch(/^amqp:\/\/guest:guest@127\.0\.0\.1:\d+\/%2F$/)
    await broker.stop()
  })
})
