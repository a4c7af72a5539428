// Messages on standard output: for people, for programs, as bodies.

import { fill, resetWorld } from '../../support/fake-amqplib.ts'
import { lines, messages } from '../../support/messages.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(() => {
  resetWorld()
  fill('q', 'one', ['{"a":1}', { messageId: 'm' }])
})

const consume = (...words: readonly string[]) =>
  messages(['consume', 'q', '--count', '2', '--ack', 'requeue', ...words])

describe('messages as they come', () => {
  it('are lines of JSON to programs', async () => {
    const { stdout } = await consume()
    expect(lines(stdout).map((line) => JSON.parse(line))).toMatchObject([
      { routing_key: 'q', payload: 'one', payload_encoding: 'string', payload_bytes: 3 },
      { payload: '{"a":1}', properties: { message_id: 'm' } },
    ])
    expect((await consume('-o', 'json')).stdout.split('\n')).toHaveLength(3)
  })

  it('are blocks to people', async () => {
    const { stdout } = await messages(['consume', 'q', '--count', '2', '--no-color'], { tty: true })
    expect(stdout).toContain(
      '#1 (default) → q  3 B\n  one\n#2 (default) → q  7 B\n  message_id=m\n  {\n    "a": 1\n  }\n',
    )
  })

  it('are bodies alone', async () => {
    expect((await consume('--body')).stdout).toBe('one\n{"a":1}\n')
  })

  it('are rows with one header', async () => {
    expect(lines((await consume('-o', 'tsv', '--columns', 'payload')).stdout)).toEqual(['payload', 'one', '{"a":1}'])
  })

  it('are only those that a filter wants', async () => {
    const { stdout } = await messages(['consume', 'q', '--drain', '--body', '--filter', 'payload=~one'])
    expect(stdout).toBe('one\n')
  })

  it('are decoded as is wanted', async () => {
    const words = ['consume', 'q', '--drain', '--decode', 'json', '--filter', 'payload.a==1']
    expect(JSON.parse((await messages(words)).stdout)).toMatchObject({ payload: { a: 1 }, payload_encoding: 'json' })
    expect(await messages(['consume', 'q', '--decode', 'x'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--decode: got "x", expected one of auto'),
    })
  })
})

describe('messages at once', () => {
  it('are one list', async () => {
    const { stdout } = await messages(['get', 'q', '--count', '5', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject([{ payload: 'one' }, { payload: '{"a":1}' }])
  })
})
