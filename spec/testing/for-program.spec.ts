// A test broker for a program in another process.

import { startForProgram } from '../../src/testing/for-program.ts'
import { fromNdjson } from '../../src/testing/record.ts'

describe('a broker for a program', () => {
  it('says how to reach it, and what happened', async () => {
    const broker = await startForProgram({ host: '127.0.0.1', port: 0, clock: 'real' })
    try {
      const { AMQP_URL: url, LEVERET_HTTP_URL: http } = broker.env()
      expect(url).toMatch(/^amqp:\/\/guest:guest@127\.0\.0\.1:\d+\/%2F$/)
      expect(http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(broker.tail(3)).toEqual([])
      expect(fromNdjson(broker.trace())).toEqual([])
    } finally {
      await broker.stop()
    }
  })
})
