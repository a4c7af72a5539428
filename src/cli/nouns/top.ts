// `leveret top`: the busiest queues, drawn again and again, with keys to sort and to leave. Knows the API's overview and
// its list of queues.

import type { Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { printRows, type Row, type Shape } from '../output/print.ts'
import { short } from '../progress.ts'
import type { Task } from '../task.ts'
import { summaryOf } from './status.ts'
import { count, octets, rate } from './support.ts'

const shape: Shape = {
  columns: [
    'vhost',
    'name',
    { path: 'messages_ready', title: 'ready', show: count },
    { path: 'messages_unacknowledged', title: 'unacked', show: count },
    'consumers',
    { path: 'message_stats.publish_details.rate', title: 'in/s', show: rate },
    { path: 'message_stats.deliver_get_details.rate', title: 'out/s', show: rate },
    { path: 'message_stats.ack_details.rate', title: 'ack/s', show: rate },
  ],
}

/** Keys that sort, and by what. */
const orders: Readonly<Record<string, string>> = {
  m: 'messages',
  i: 'message_stats.publish_details.rate',
  o: 'message_stats.deliver_get_details.rate',
  u: 'messages_unacknowledged',
}

/** The busiest queues, live. */
export const top: Verb = {
  name: 'top',
  summary: 'Watch the busiest queues: m, u, i and o sort by messages, unacked, in and out; q quits.',
  notes: 'Every 2 seconds, or as --watch says. Where nobody looks, it prints once.',
  reach: 'any broker',
  looks: true,
  run,
}

const EVERY_MS = 2000
/** Lines that are not queues. */
const FRAME = 7

async function run(task: Task): Promise<number> {
  const { stdin, stdout } = task.terminal
  if (!stdout.isTTY || !stdin.isTTY) {
    task.print(await frame(task, orders['m'] ?? '', undefined))
    return exitCode.ok
  }
  const signal = task.terminal.interrupted()
  const keys = keysOf(task)
  let order = orders['m'] ?? ''
  // The other screen: what stood on the terminal before comes back at the end.
  stdout.write('\u001b[?1049h\u001b[?25l')
  try {
    while (!signal.aborted && !keys.quit) {
      const text = await frame(task, order, stdout.rows ?? 24).catch(troubleOf)
      stdout.write(`\u001b[H${text.replaceAll('\n', '\u001b[K\n')}\u001b[J`)
      const key = await keys.next(task.globals.watchMs ?? EVERY_MS)
      order = orders[key ?? ''] ?? order
    }
  } finally {
    keys.close()
    stdout.write('\u001b[?25h\u001b[?1049l')
  }
  return exitCode.ok
}

/** A broker that is away for a moment is waited for. */
function troubleOf(error: unknown): string {
  if (error instanceof CommandError && error.exitCode !== exitCode.noPermission) return `${error.message}\n`
  throw error
}

async function frame(task: Task, order: string, height: number | undefined): Promise<string> {
  const api = await task.api()
  const [summary, queues] = await Promise.all([summaryOf(task), api.list(await task.pathOf('queues'))])
  const { bold, dim } = task.colours
  const busiest = [...queues].sort((a, b) => amount(b, order) - amount(a, order))
  const shown = height === undefined ? busiest : busiest.slice(0, Math.max(1, height - FRAME))
  const style = { ...task.style, sort: undefined, format: height === undefined ? task.format : ('table' as const) }
  const table = await printRows(shown, shape, style)
  if (height === undefined) return table
  const hidden = queues.length - shown.length
  return `${bold(titleOf(summary))}\n${totals(summary)}\n\n${table}${dim(hidden > 0 ? `and ${hidden} more` : '')}\n${dim('sort: m messages, u unacked, i in, o out · q quits')}\n`
}

function titleOf(summary: Row): string {
  const alarms = summary['alarms'] as readonly string[]
  return `${summary['product']} ${summary['version']} at ${summary['url']}${alarms.length > 0 ? `  ALARM: ${alarms.join(', ')}` : ''}`
}

function totals(summary: Row): string {
  const { queues, connections, channels, consumers } = summary['totals'] as Record<string, number>
  const messages = summary['messages'] as Record<string, number>
  const rates = summary['rates'] as Record<string, number>
  const memory = octets((summary['memory'] as Row)['used'])
  const objects = `${queues ?? 0} queues, ${connections ?? 0} connections, ${channels ?? 0} channels, ${consumers ?? 0} consumers`
  const flow = `in ${rate(rates['publish'])}/s, out ${rate(rates['deliver_get'])}/s, ack ${rate(rates['ack'])}/s`
  return `${objects}; ${short(messages['messages'] ?? 0)} messages; ${flow}${memory === '' ? '' : `; ${memory}`}`
}

function amount(row: Row, order: string): number {
  let value: unknown = row
  for (const key of order.split('.')) value = (value as Row | undefined)?.[key]
  return typeof value === 'number' ? value : 0
}

/** What is typed, key by key, without Enter. */
function keysOf(task: Task) {
  const { stdin } = task.terminal
  const keys = { quit: false, next, close }
  let wake: ((key: string | undefined) => void) | undefined
  const typed = (chunk: Buffer | string): void => {
    const key = chunk.toString()
    // In raw mode Ctrl-C is a key like any other.
    if (key === 'q' || key === 'Q' || key === '\u0003' || key === '\u001b') keys.quit = true
    wake?.(key)
  }
  stdin.setRawMode?.(true)
  stdin.on('data', typed)
  function next(ms: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (keys.quit) return resolve(undefined)
      wake = resolve
      void task.terminal.pause(ms).then(() => resolve(undefined))
    })
  }
  function close(): void {
    stdin.off('data', typed)
    stdin.setRawMode?.(false)
    stdin.pause()
  }
  return keys
}
