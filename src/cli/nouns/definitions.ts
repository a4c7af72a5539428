// `leveret definitions`: all that is declared and set, as one document: out of a broker, into a broker, compared, checked.
// Knows the API's path for definitions and the files that people keep them in.

import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Given, Noun } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type Change, difference } from '../definitions/diff.ts'
import {
  type Definitions,
  entriesOf,
  parseDefinitions,
  type Section,
  sectionNames,
  withVhost,
} from '../definitions/document.ts'
import { transformed } from '../definitions/transforms.ts'
import { problemsIn } from '../definitions/validate.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { inVhost, many } from './support.ts'

const changeShape: Shape = { columns: ['change', 'section', 'vhost', 'name', 'detail'] }
const problemShape: Shape = { columns: ['place', 'problem'], name: 'place' }

/** Definitions, and what can be done with them. */
export const definitions: Noun = {
  name: 'definitions',
  summary: 'Definitions: export, import, diff, validate.',
  verbs: [
    {
      name: 'export',
      operands: '[file]',
      summary: 'Write all definitions, or those of one vhost with -p, to a file or to standard output, as JSON.',
      flags: [
        {
          flags: '--transform <names>',
          help: 'exclude_users, exclude_permissions, exclude_policies, exclude_runtime_parameters, drop_empty_policies, strip_cmq_keys_from_policies, obfuscate_usernames; commas between them',
        },
      ],
      reach: 'any broker',
      run: exportTo,
    },
    {
      name: 'import',
      operands: '<file>',
      summary: 'Declare and set all that a file says (- is standard input); with --dry-run, show what would change.',
      flags: [
        { flags: '--skip-if-unchanged', help: 'ask the broker to do nothing when nothing would change' },
        { flags: '--prune', help: 'also delete what is there and not in the file, in the sections that the file has' },
      ],
      notes:
        'Leveret takes a file as a whole or not at all. RabbitMQ stops at the first error, and keeps what it had done.',
      reach: 'any broker',
      run: importFrom,
    },
    {
      name: 'diff',
      operands: '<before> [after]',
      summary: 'Show what two files say differently, or a file and the broker; exits with 1 when they differ.',
      notes: '  leveret definitions diff old.json new.json\n  leveret definitions diff wanted.json',
      reach: 'any broker',
      run: diff,
    },
    {
      name: 'validate',
      operands: '<file>',
      summary: 'Find what is wrong in a file, without a broker; exits with 65 when something is.',
      reach: 'none',
      run: validate,
    },
  ],
}

async function exported(task: Task): Promise<Definitions> {
  const { vhost } = await task.target()
  const from = vhost === undefined ? path('definitions') : path('definitions', vhost)
  return (await inVhost(task, (await task.api()).get(from))) as Definitions
}

async function exportTo(task: Task, given: Given): Promise<void> {
  const names = given.text('transform')?.split(',') ?? []
  const document = transformed(await exported(task), names)
  const text = `${JSON.stringify(document, null, 2)}\n`
  const file = given.operands[0]
  if (file === undefined || file === '-') return task.print(text)
  if (task.globals.dryRun) return task.say(`would write ${text.length} characters to ${file}`)
  try {
    // Hashes of passwords are in it.
    await writeFile(resolve(task.terminal.cwd, file), text, { mode: 0o600 })
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${(error as Error).message}`, exitCode.io)
  }
  task.say(`${many(countOf(document), 'definition')} written to ${file}`)
}

function countOf(document: Definitions): number {
  return sectionNames.reduce((sum, section) => sum + entriesOf(document, section).length, 0)
}

async function read(task: Task, file: string): Promise<Definitions> {
  if (file === '-') {
    let text = ''
    for await (const chunk of task.terminal.stdin.setEncoding('utf8')) text += chunk
    return parseDefinitions(text, 'standard input')
  }
  try {
    return parseDefinitions(await readFile(resolve(task.terminal.cwd, file), 'utf8'), file)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, exitCode.noInput)
  }
}

async function importFrom(task: Task, given: Given): Promise<void> {
  const document = await read(task, given.operand(0))
  const [problem] = problemsIn(document).filter(({ problem }) => !/^there is no /.test(problem))
  if (problem) throw new CommandError(`${given.operand(0)}: ${problem.place}: ${problem.problem}`, exitCode.data)
  const { vhost } = await task.target()
  const prune = given.flag('prune') === true
  const compares = task.globals.dryRun || prune || given.flag('skip-if-unchanged') === true
  const changes = compares ? await changesBy(task, document) : []
  const removed = prune ? changes.filter(prunableBy((await task.target()).user)) : []
  const applied = changes.filter(({ change }) => change !== 'removed')
  if (task.globals.dryRun) {
    await task.list([...applied, ...removed].map(printable), changeShape)
    return task.say(`${many(applied.length + removed.length, 'difference')}; nothing was changed`)
  }
  if (removed.length > 0) await task.confirm(`delete ${many(removed.length, 'definition')} that the file does not have`)
  if (!compares || applied.length > 0 || given.flag('skip-if-unchanged') !== true) {
    const to = vhost === undefined ? path('definitions') : path('definitions', vhost)
    await followed(task, document, inVhost(task, (await task.api()).post(to, document)))
    task.say(`${many(countOf(document), 'definition')} imported`)
  } else {
    task.say('nothing to import: the broker has all of it')
  }
  const { removeAll } = await import('../definitions/prune.ts')
  if (removed.length > 0) task.say(`${many(await removeAll(task, removed), 'definition')} deleted`)
}

/** What an import would change, and what of the broker the file does not have. */
async function changesBy(task: Task, document: Definitions): Promise<readonly Change[]> {
  const { vhost } = await task.target()
  const now = await exported(task)
  if (vhost === undefined) return difference(now, document)
  return difference(withVhost(now, vhost), withVhost(document, vhost))
}

/** What may be pruned: not what the broker made itself, nor who is asking. */
function prunableBy(me: string): (change: Change) => boolean {
  return ({ change, section, name }) =>
    change === 'removed' && !(section === 'users' && name === me) && section !== 'global_parameters'
}

/** From so many on, an import takes long enough for a bar. */
const WORTH_A_BAR = 1000
const POLL_MS = 500

/** Waits for an import. On a terminal, a bar follows how many queues and exchanges there are by now. */
async function followed(task: Task, document: Definitions, request: Promise<unknown>): Promise<void> {
  const count = (['queues', 'exchanges', 'bindings'] as const).reduce(
    (sum, each) => sum + entriesOf(document, each).length,
    0,
  )
  if (count < WORTH_A_BAR || !task.terminal.stderr.isTTY) return void (await request)
  let running = true
  const settled = request.finally(() => {
    running = false
  })
  const quiet = settled.catch(() => {})
  const there = async (): Promise<number> => {
    const overview = (await (await task.api()).get('/api/overview')) as { object_totals?: Record<string, number> }
    return (overview.object_totals?.['queues'] ?? 0) + (overview.object_totals?.['exchanges'] ?? 0)
  }
  const bar = await task.progress(
    'importing',
    entriesOf(document, 'queues').length + entriesOf(document, 'exchanges').length,
  )
  const before = await there().catch(() => 0)
  while (running) {
    await Promise.race([quiet, task.terminal.pause(POLL_MS)])
    if (running) bar.update(Math.max(0, (await there().catch(() => before)) - before))
  }
  bar.stop()
  await settled
}

async function diff(task: Task, given: Given): Promise<number> {
  const [first = '', second] = given.operands
  const { vhost } = await task.target()
  const full = (document: Definitions) => (vhost === undefined ? document : withVhost(document, vhost))
  const before = full(second === undefined ? await exported(task) : await read(task, first))
  const after = full(await read(task, second ?? first))
  const both: readonly Section[] = sectionNames.filter(
    (each) => Array.isArray(before[each]) && Array.isArray(after[each]),
  )
  const changes = difference(before, after, second === undefined ? undefined : both)
  await task.list(changes.map(printable), changeShape)
  return changes.length === 0 ? exitCode.ok : exitCode.failedCheck
}

function printable({ change, section, vhost, name, detail }: Change): Record<string, unknown> {
  return { change, section, vhost, name, detail }
}

async function validate(task: Task, given: Given): Promise<number> {
  const file = given.operand(0)
  const document = await read(task, file)
  const problems = problemsIn(document)
  await task.list(
    problems.map(({ place, problem }) => ({ place, problem })),
    problemShape,
  )
  task.say(`${file}: ${many(countOf(document), 'definition')}, ${many(problems.length, 'problem')}`)
  return problems.length === 0 ? exitCode.ok : exitCode.data
}
