// Work on the messages of a queue that Leveret does itself, as a job: no message leaves the broker, and each changes its
// place in one commit. Other brokers have no jobs; commands go by AMQP there. Knows no command.

import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { type Answer, path, type Row, refusal } from '../http.ts'
import type { Task } from '../task.ts'
import { isSameBroker } from './browse.ts'

/** What is to be done. */
export interface Work {
  readonly kind: 'move' | 'copy' | 'redrive' | 'delete'
  readonly queue: string
  /** Where to, which messages, how many, how fast: as the API names it. */
  readonly body: Row
}

/** A job, as far as it matters here. */
export interface Job {
  readonly id: number
  readonly state: string
  readonly total: number
  readonly done: number
  /** How many stay, by the reasons. */
  readonly stayed: Readonly<Record<string, number>>
  readonly error: string | null
}

/** What would become of messages. */
export interface Fates {
  readonly total: number
  /** How many would go to each queue. */
  readonly destinations: Readonly<Record<string, number>>
  readonly stayed: Readonly<Record<string, number>>
}

/** How often a job is looked at. */
const LOOK_MS = 100

/** Whether the broker takes jobs. */
export async function takesJobs(task: Task): Promise<boolean> {
  if (!(await isSameBroker(task))) return false
  const answer = await (await task.api()).ask('GET', path('leveret', 'jobs')).catch(() => undefined)
  return answer?.status === 200
}

/** What would become of the messages that are meant. Throws `CommandError` where the broker refuses. */
export async function foretold(task: Task, work: Work): Promise<Fates> {
  return (await posted(task, { ...work, body: { ...work.body, dry_run: true } })) as Fates
}

/**
 * Has the work done, and shows how far it is; the first Ctrl-C stops it.
 * @throws CommandError where the broker refuses, or fails at it
 */
export async function runJob(task: Task, work: Work): Promise<Job> {
  const { terminal } = task
  const signal = terminal.interrupted()
  const api = await task.api()
  let job = (await posted(task, work)) as Job
  const at = path('leveret', 'jobs', String(job.id))
  const bar = await task.progress(work.kind === 'delete' ? 'drop' : work.kind, job.total)
  try {
    while (job.state === 'running') {
      await terminal.pause(LOOK_MS)
      if (signal.aborted) await api.delete(at)
      job = (await api.get(at)) as Job
      bar.resize(job.total)
      bar.update(job.done)
    }
  } finally {
    bar.stop()
  }
  if (job.state !== 'failed') return job
  throw new CommandError(`the broker could not go on after ${job.done}: ${job.error}`, exitCode.software)
}

async function posted(task: Task, { kind, queue, body }: Work): Promise<unknown> {
  const api = await task.api()
  const at = `${path('leveret', 'queues', await task.vhost(), queue)}/${kind}`
  const answer = await api.ask('POST', at, { body, harmless: true })
  if (answer.status < 300) return answer.body
  throw refused(answer)
}

function refused({ status, body }: Answer): CommandError {
  const { error, reason } = refusal(body)
  const said = (reason ?? error ?? `the HTTP API answered ${status}`).replace(/^[A-Z_]+ - /, '')
  switch (status) {
    case 401:
    case 403:
      return new CommandError(said, exitCode.noPermission)
    case 404:
      return new CommandError(said === 'Not Found' ? 'there is no such vhost' : said, exitCode.data, 'not_found')
    default:
      return new CommandError(said, status < 500 ? exitCode.data : exitCode.unavailable, error)
  }
}
