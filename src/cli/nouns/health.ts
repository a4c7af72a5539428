// `leveret health`: one question with a yes or a no, for health checks of containers and for scripts. Knows the API's
// paths for checks.

import type { Given, Noun, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path, refusal } from '../http.ts'
import type { Task } from '../task.ts'

const units = ['days', 'weeks', 'months', 'years']

/** Checks, each of which exits with 0 or 1. */
export const health: Noun = {
  name: 'health',
  summary:
    'Health checks: each exits with 0 when all is well, with 1 when not, with 69 when nobody answers. Alone: ready.',
  unsaid: 'ready',
  verbs: [
    verb('ready', 'Whether clients are served: what a container should be checked by.', [
      ['ready-to-serve-clients'],
      ['protocol-listener', 'amqp'],
    ]),
    { ...verb('live', 'Whether anything answers at all, whoever asks.', []), run: live },
    verb('alarms', 'Whether neither memory nor disk has run low.', [['alarms']]),
    verb('local-alarms', 'The same for the node that is asked.', [['local-alarms']]),
    verb('vhosts', 'Whether every vhost works.', [['virtual-hosts']]),
    { ...verb('port', 'Whether somebody listens on a port.', [['port-listener']]), operands: '<number>' },
    {
      ...verb('protocol', 'Whether a protocol has a listener: amqp, amqps, http ...', [['protocol-listener']]),
      operands: '<name>',
    },
    {
      ...verb('cert', 'Whether no certificate expires within a time: cert 2 weeks.', []),
      operands: '<number> <unit>',
      run: cert,
    },
  ],
}

/** The paths are tried in turn: an older broker does not know the first. */
function verb(name: string, summary: string, checks: readonly (readonly string[])[]): Verb {
  return {
    name,
    summary,
    reach: 'any broker',
    looks: true,
    run: (task, given) =>
      ask(
        task,
        name,
        checks.map((check) => [...check, ...given.operands]),
      ),
  }
}

async function ask(task: Task, name: string, checks: readonly (readonly string[])[]): Promise<number> {
  const api = await task.api()
  for (const check of checks) {
    const answer = await api.ask('GET', path('health', 'checks', ...check))
    if (answer.status === 200) {
      task.say(`${name}: ok`)
      return exitCode.ok
    }
    if (answer.status === 503) {
      const { reason, error } = refusal(answer.body)
      task.warn(`${name}: ${reason ?? error ?? 'failed'}`)
      return exitCode.failedCheck
    }
    // Whatever else it is, the client has words for it.
    if (answer.status !== 404) await api.get(path('health', 'checks', ...check))
  }
  throw new CommandError(`the broker at ${api.target.url} knows no check "${name}"`, exitCode.data, 'not_found')
}

async function live(task: Task): Promise<number> {
  const { status } = await (await task.api()).ask('GET', '/api/version')
  task.say(`live: it answers (${status})`)
  return exitCode.ok
}

function cert(task: Task, given: Given): Promise<number> {
  const [within = '', unit = ''] = given.operands
  const wanted = units.find((each) => each === unit || each === `${unit}s`)
  if (!/^\d+$/.test(within) || !wanted) {
    throw new CommandError(`health cert: got "${within} ${unit}", expected a number and one of ${units.join(', ')}`)
  }
  return ask(task, 'cert', [['certificate-expiration', within, wanted]])
}
