// `leveret topology`: a vhost drawn. Knows the API's lists of what a vhost holds.

import type { Given, Verb } from '../command.ts'
import { path } from '../http.ts'
import type { Task } from '../task.ts'
import { dot, drawings, mermaid, tree } from '../topology/drawings.ts'
import { inVhost } from './support.ts'

/** A vhost drawn. */
export const topology: Verb = {
  name: 'topology',
  summary: 'Draw the exchanges, bindings and queues of a vhost.',
  flags: [{ flags: '--format <format>', help: `${drawings.join(', ')} (default: tree)` }],
  notes: '  leveret topology --format dot | dot -Tsvg > topology.svg\n  leveret topology --format mermaid',
  reach: 'any broker',
  looks: true,
  run,
}

async function run(task: Task, given: Given): Promise<void> {
  const vhost = await task.vhost()
  const api = await task.api()
  const lists = ['exchanges', 'queues', 'bindings'].map((noun) => api.list(path(noun, vhost)))
  const [exchanges = [], queues = [], bindings = []] = await inVhost(task, Promise.all(lists))
  const picture = { exchanges, queues, bindings }
  const format = given.oneOf('format', drawings) ?? (task.globals.output === 'json' ? 'json' : 'tree')
  switch (format) {
    case 'dot':
      return task.print(dot(picture))
    case 'mermaid':
      return task.print(mermaid(picture))
    case 'json':
      return task.print(`${JSON.stringify({ vhost, ...picture }, null, 2)}\n`)
    default:
      return task.print(tree(picture))
  }
}
