// `leveret doctor`: what is odd about a broker that works. Knows the API's lists that the lints look at.

import type { Given, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Row } from '../output/print.ts'
import type { Task } from '../task.ts'
import { type Finding, findingsOf, lints } from '../topology/lints.ts'
import { many } from './support.ts'

const shape = { columns: ['severity', 'subject', 'finding', 'lint'], name: 'subject' }

/** What is odd. */
export const doctor: Verb = {
  name: 'doctor',
  summary:
    'Find what is odd about a broker that works: unbounded queues, dead letters that go nowhere, greedy consumers ...',
  flags: [{ flags: '--skip <lints>', help: `not these; commas between them: ${Object.keys(lints).join(', ')}` }],
  notes: 'Exits with 1 when there are errors. What the user may not see is not looked at.',
  reach: 'any broker',
  looks: true,
  run,
}

async function run(task: Task, given: Given): Promise<number> {
  const skip = given.text('skip')?.split(',') ?? []
  const unknown = skip.find((name) => !(name in lints))
  if (unknown !== undefined) {
    throw new CommandError(`--skip: got "${unknown}", expected some of ${Object.keys(lints).join(', ')}`)
  }
  const found = findingsOf(await evidenceOf(task), skip)
  await task.list(
    found.map((finding) => ({ ...finding })),
    shape,
  )
  task.say(
    `${many(of(found, 'error'), 'error')}, ${many(of(found, 'warning'), 'warning')}, ${many(of(found, 'hint'), 'hint')}`,
  )
  return of(found, 'error') > 0 ? exitCode.failedCheck : exitCode.ok
}

function of(found: readonly Finding[], severity: Finding['severity']): number {
  return found.filter((each) => each.severity === severity).length
}

async function evidenceOf(task: Task) {
  const api = await task.api()
  const queues = await api.list(await task.pathOf('queues'))
  const others = await Promise.all(
    ['exchanges', 'bindings', 'consumers', 'connections', 'users', 'nodes'].map((noun) => seen(task, noun)),
  )
  const [exchanges = [], bindings = [], consumers = [], connections = [], users = [], nodes = []] = others
  return { queues, exchanges, bindings, consumers, connections, users, nodes }
}

/** A list, or nothing where the user may not see it. */
async function seen(task: Task, noun: string): Promise<readonly Row[]> {
  const inVhosts = ['exchanges', 'bindings', 'consumers'].includes(noun)
  const from = inVhosts ? await task.pathOf(noun) : path(noun)
  return (await task.api()).list(from).catch((error) => {
    if (error instanceof CommandError && error.exitCode === exitCode.noPermission) return []
    throw error
  })
}
