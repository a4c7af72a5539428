// `leveret publish`: messages from the command line, a file or standard input, confirmed by the broker.

import type { Options } from '../amqp.ts'
import { readArguments } from '../arguments.ts'
import type { Given, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import type { Task } from '../task.ts'
import { bodies } from './inputs.ts'
import { publishOptions } from './properties.ts'
import { type Outcome, Publisher } from './publisher.ts'
import { countOf, Pacer, type Place, placeOf, placeText, rateOf, withAmqp } from './session.ts'

/** Publishes messages. */
export const publish: Verb = {
  name: 'publish',
  operands: '<place> [body]',
  summary: 'Publish messages, and wait until the broker has confirmed them.',
  flags: [
    { flags: '-k, --key <key>', help: 'the routing key; the place is then an exchange' },
    { flags: '-f, --file <file>', help: 'the body, or with --lines the bodies (- is standard input)' },
    { flags: '--lines', help: 'a message for each line of the input' },
    { flags: '--ndjson', help: 'the same for lines of JSON, with the content type application/json' },
    { flags: '--count <number>', help: 'publish the body so many times' },
    { flags: '--rate <number>', help: 'messages per second, at the most' },
    { flags: '--header <key=value>', help: 'a header, key:=json for other types', repeats: true },
    { flags: '--property <key=value>', help: 'a property: content_type, message_id, priority ...', repeats: true },
    { flags: '--persistent', help: 'delivery mode 2: to be stored on disk by durable queues' },
    { flags: '--no-confirm', help: 'do not wait for confirms: nobody knows then what has arrived' },
    { flags: '--mandatory', help: 'fail where no queue wants the message (the default when the place is a queue)' },
    { flags: '--no-mandatory', help: 'do not' },
  ],
  notes: `  leveret publish orders '{"id": 1}' --persistent           to the queue orders
  leveret publish events:order.created --file order.json    to the exchange events with a routing key
  tail -f app.log | leveret publish logs --lines --rate 100

Exit codes: 65 when no queue wanted a message, 3 when that was so for some, 69 when the broker refused one.`,
  reach: 'any broker',
  run,
}

/** What is published, settled before anything is opened. */
export interface Plan {
  readonly place: Place
  readonly options: Options.Publish
  readonly count: number
  readonly rate: number | undefined
  readonly confirms: boolean
}

/** Reads the flags. Throws `CommandError` for what makes no sense. */
export function planOf(given: Given): Plan {
  const key = given.text('key')
  const place = key === undefined ? placeOf(given.operand(0)) : { exchange: given.operand(0), key }
  const headers = readArguments('--header', given.texts('header'))
  const properties = {
    ...(given.flag('ndjson') ? { content_type: 'application/json' } : {}),
    ...readArguments('--property', given.texts('property')),
    ...(given.flag('persistent') ? { delivery_mode: 2 } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
  }
  return {
    place,
    // To a queue that is not there is a mistake; that no queue is bound to an exchange may be wanted.
    options: { ...publishOptions(properties), mandatory: given.flag('mandatory') ?? place.exchange === '' },
    count: countOf('count', given.number('count')) ?? 1,
    rate: rateOf(given.text('rate')),
    confirms: given.flag('confirm') ?? true,
  }
}

async function run(task: Task, given: Given): Promise<number> {
  const plan = planOf(given)
  const lines = given.flag('ndjson') ? 'json' : given.flag('lines') ? 'text' : undefined
  if (lines && plan.count > 1) throw new CommandError('--count repeats one body, so it does not go with --lines')
  const input = { body: given.operands[1], file: given.text('file'), lines } as const
  if (task.globals.dryRun) {
    task.say(`would publish to ${placeText(plan.place)}`)
    return exitCode.ok
  }
  const { stdin, stderr } = task.terminal
  if (input.body === undefined && input.file === undefined && stdin.isTTY)
    stderr.write('(type the body; Ctrl-D ends it)\n')
  return withAmqp(task, 'publish', async (amqp) => {
    if (!plan.confirms) return fireAndForget(task, plan, input, await amqp.channel())
    const publisher = new Publisher(await amqp.confirmChannel())
    const tally = { confirmed: 0, returned: 0, refused: 0 }
    const bar = await task.progress('publish', plan.count)
    await amqp.while(
      eachBody(task, plan, input, async (content) => {
        await publisher.room()
        void publisher.send({ ...plan.place, content, options: plan.options }).then((outcome) => {
          tally[outcome]++
          bar.update(tally.confirmed + tally.returned + tally.refused)
        })
      }),
    )
    await amqp.while(publisher.settled())
    bar.stop()
    return verdict(task, plan.place, tally)
  })
}

type Input = Parameters<typeof bodies>[0]

async function eachBody(task: Task, plan: Plan, input: Input, send: (body: Buffer) => Promise<void>): Promise<number> {
  const { now, pause } = task.terminal
  const pacer = new Pacer(plan.rate, now, pause)
  const signal = task.terminal.interrupted()
  let sent = 0
  for await (const body of bodies(input, task.terminal)) {
    for (let index = 0; index < plan.count && !signal.aborted; index++) {
      await pacer.turn()
      await send(body)
      sent++
    }
    if (signal.aborted) break
  }
  return sent
}

async function fireAndForget(
  task: Task,
  plan: Plan,
  input: Input,
  channel: import('../amqp.ts').Channel,
): Promise<number> {
  const { exchange, key } = plan.place
  const sent = await eachBody(task, plan, input, async (content) => {
    if (channel.publish(exchange, key, content, { ...plan.options, mandatory: false })) return
    await new Promise<void>((resolve) => channel.once('drain', resolve))
  })
  await channel.close()
  task.say(`${sent} sent to ${placeText(plan.place)}, not confirmed`)
  return exitCode.ok
}

/** Says what became of the messages; the exit code that tells it. */
export function verdict(
  task: Pick<Task, 'say' | 'warn'>,
  place: Place,
  { confirmed, returned, refused }: Readonly<Record<Outcome, number>>,
): number {
  if (confirmed > 0 || returned + refused === 0) task.say(`${confirmed} published to ${placeText(place)}`)
  if (returned > 0) task.warn(`${returned} not routed: ${unrouted(place)}`)
  if (refused > 0) task.warn(`${refused} refused by the broker: a queue is full, or could not store them`)
  if (returned + refused === 0) return exitCode.ok
  if (confirmed > 0) return exitCode.partial
  return returned > 0 ? exitCode.data : exitCode.unavailable
}

function unrouted({ exchange, key }: Place): string {
  return exchange === '' ? `there is no queue "${key}"` : `no queue is bound to exchange "${exchange}" for key "${key}"`
}
