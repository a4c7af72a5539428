// A verb at work: where it prints, how it asks before something is lost, which broker it means.

import { readGlobals } from '../../src/cli/globals.ts'
import { Task } from '../../src/cli/task.ts'
import { type FakeTerminalOptions, fakeTerminal } from '../support/terminal.ts'

function task(raw: object = {}, options: FakeTerminalOptions = {}) {
  const terminal = fakeTerminal(options)
  return { task: new Task(terminal, readGlobals(raw as Record<string, unknown>)), terminal }
}

describe('what is printed', () => {
  it('is a table for people and lines of tabs for programs', async () => {
    const shape = { columns: ['name', 'n'] }
    const rows = [{ name: 'a', n: 1 }]
    for (const [tty, text] of [
      [true, 'name  n\na     1\n'],
      [false, 'name\tn\na\t1\n'],
    ] as const) {
      const made = task({ color: false }, { tty })
      await made.task.list(rows, shape)
      expect(made.terminal.out()).toBe(text)
    }
  })

  it('can go elsewhere', async () => {
    const made = task({ output: 'name' })
    let text = ''
    made.task.printInto((piece) => {
      text += piece
    })
    await made.task.show({ name: 'a' })
    made.task.printInto(undefined)
    await made.task.show({ name: 'b' })
    expect([text, made.terminal.out()]).toEqual(['a\n', 'b\n'])
  })

  it('says on a terminal that there is nothing', async () => {
    const made = task({}, { tty: true })
    await made.task.list([], { columns: ['a'] })
    expect([made.terminal.out(), made.terminal.err()]).toEqual(['', '(none)\n'])
  })
})

it('says what was done on stderr, unless it is to be quiet, or nothing was', () => {
  const loud = task()
  loud.task.done('done')
  loud.task.say('said')
  loud.task.warn('odd')
  expect(loud.terminal.err()).toBe('done\nsaid\nleveret: odd\n')
  const dry = task({ dryRun: true })
  dry.task.done('done')
  const quiet = task({ quiet: true })
  quiet.task.done('done')
  quiet.task.warn('odd')
  expect([dry.terminal.err(), quiet.terminal.err()]).toEqual(['', 'leveret: odd\n'])
})

describe('what is to be lost', () => {
  it.each([{ yes: true }, { dryRun: true }])('is not asked about with %j', async (raw) => {
    const made = task(raw)
    await made.task.confirm('lose it')
    expect(made.terminal.err()).toBe('')
  })

  it('needs --yes where nobody can be asked', async () => {
    await expect(task().task.confirm('lose it')).rejects.toThrow('lose it: this needs --yes where nobody can be asked')
  })

  it.each(['y\n', 'YES\n'])('is lost after %j', async (typed) => {
    const made = task({}, { tty: true, typed })
    await made.task.confirm('lose it')
    expect(made.terminal.err()).toBe('lose it? [y/N] ')
  })

  it.each(['n\n', '\n', ''])('is kept after %j', async (typed) => {
    const asked = task({}, { tty: true, typed }).task.confirm('lose it')
    await expect(asked).rejects.toMatchObject({ message: 'nothing was done', exitCode: 1 })
  })
})

describe('the broker', () => {
  it('is the one that is named', async () => {
    const { task: made } = task({ url: 'amqp://u:p@mq/shop' })
    expect(await made.target()).toMatchObject({ url: 'http://mq:15672', user: 'u' })
    expect(await made.vhost()).toBe('shop')
    expect(await made.pathOf('queues')).toBe('/api/queues/shop')
    expect(await made.amqpUrl()).toBe('amqp://u:p@mq/shop')
    expect(await made.api()).toBe(await made.api())
    made.close()
  })

  it('is asked for all vhosts in lists when none is named', async () => {
    const { task: made } = task()
    expect([await made.pathOf('queues'), await made.vhost()]).toEqual(['/api/queues', '/'])
  })

  it('is of a context that exists', async () => {
    await expect(task({ context: 'prod' }).task.target()).rejects.toThrow(/no context "prod" in .*there are none yet/)
  })
})

it('shows no bar where nobody looks', async () => {
  const { task: made, terminal } = task()
  const bar = await made.progress('x', 5)
  bar.update(1)
  bar.stop()
  expect(terminal.err()).toBe('')
})
