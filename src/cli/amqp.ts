// The AMQP side of the command line: a connection of amqplib's, loaded when it is first needed, whose failures become one
// line that says what was expected. Works with any broker; knows no command.

import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib'
import { CommandError } from './command-error.ts'
import { exitCode } from './exit-codes.ts'

export type { Channel, ConfirmChannel, ConsumeMessage, GetMessage, Message, Options } from 'amqplib'

/** How to connect. */
export interface AmqpOptions {
  readonly url: string
  readonly timeoutMs: number
  readonly ca?: string | undefined
  readonly insecure?: boolean
  /** What the broker shows as the connection's name. */
  readonly name: string
  /** Told once when the broker stops reading what is published, and once when it goes on. */
  readonly blocked?: (reason: string | undefined) => void
}

/** A connection, and the end that it may come to. */
export class Amqp {
  readonly #model: ChannelModel
  readonly #lost: Promise<never>
  #closing = false
  #lose: (error: CommandError) => void = () => {}

  constructor(model: ChannelModel, options: AmqpOptions) {
    this.#model = model
    this.#lost = new Promise((_, reject) => {
      this.#lose = reject
    })
    this.#lost.catch(() => {})
    model.on('error', (error) => this.#lose(amqpFailure(error, options.url)))
    model.on('close', (error) => {
      if (!this.#closing) this.#lose(amqpFailure(error ?? new Error('the connection was closed'), options.url))
    })
    model.on('blocked', (reason) => options.blocked?.(reason))
    model.on('unblocked', () => options.blocked?.(undefined))
  }

  /** A channel. */
  async channel(): Promise<Channel> {
    return this.#watched(await this.while(this.#model.createChannel()))
  }

  /** A channel whose messages are confirmed. */
  async confirmChannel(): Promise<ConfirmChannel> {
    return this.#watched(await this.while(this.#model.createConfirmChannel()))
  }

  /** The outcome of something, or the failure of the connection or of one of its channels, whichever comes first. */
  while<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work.catch((error: unknown) => Promise.reject(amqpFailure(error))), this.#lost])
  }

  /** Ends the connection in good order; one that has ended already is fine. */
  async close(): Promise<void> {
    this.#closing = true
    await this.#model.close().catch(() => {})
  }

  #watched<C extends Channel>(channel: C): C {
    channel.on('error', (error) => this.#lose(amqpFailure(error)))
    return channel
  }
}

/** Connects. Throws `CommandError` that says what is wrong: nothing there, wrong password, no such vhost. */
export async function connectAmqp(options: AmqpOptions): Promise<Amqp> {
  const { connect } = await import('amqplib')
  try {
    const model = await connect(options.url, {
      noDelay: true,
      timeout: options.timeoutMs,
      clientProperties: { connection_name: options.name, product: 'leveret' },
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.insecure ? { rejectUnauthorized: false } : {}),
    })
    return new Amqp(model, options)
  } catch (error) {
    throw amqpFailure(error, options.url)
  }
}

interface Fault {
  readonly code?: unknown
  readonly message?: unknown
  readonly errors?: readonly Fault[]
}

/** Any failure of amqplib, told in one line. */
export function amqpFailure(error: unknown, url?: string): CommandError {
  if (error instanceof CommandError) return error
  const fault = (error ?? {}) as Fault
  // Where a name has several addresses, each has failed on its own.
  const { code, message } = fault.errors?.[0] ?? fault
  const text = String(message ?? error)
  const refused = /(\d{3}) \(([A-Z-]+)\) with message "(.*)"/s.exec(text)
  if (refused) return refusal(Number(refused[1]), refused[3] ?? '')
  // amqplib does not pass on what the broker said of the vhost.
  if (/Expected ConnectionOpenOk/.test(text)) {
    return new CommandError(
      'the broker does not let this user into the vhost: it is not there, or the user has no permissions in it (-p names another)',
      exitCode.data,
    )
  }
  return unreachable(typeof code === 'string' ? code : undefined, text, url)
}

/** Replies of the broker, by AMQP's reply code. */
function refusal(reply: number, said: string): CommandError {
  const reason = said.replace(/^[A-Z_]+ - /, '')
  switch (reply) {
    case 403:
      return /login was refused/i.test(said)
        ? new CommandError('the broker does not let this user in: wrong name or password', exitCode.noPermission)
        : new CommandError(reason, exitCode.noPermission)
    case 404:
      return new CommandError(reason, exitCode.data, 'not_found')
    case 405:
      return new CommandError(reason, exitCode.unavailable, 'locked')
    case 530:
      return new CommandError(reason, /not found/.test(reason) ? exitCode.data : exitCode.noPermission, 'not_allowed')
    case 320:
      return new CommandError(`the broker ended the connection: ${reason}`, exitCode.unavailable)
    case 541:
      return new CommandError(`the broker failed: ${reason}`, exitCode.software)
    default:
      return new CommandError(reason, exitCode.data, `amqp_${reply}`)
  }
}

function unreachable(code: string | undefined, text: string, url: string | undefined): CommandError {
  const address = url === undefined ? 'the broker' : addressOf(url)
  const other = '--amqp-url or LEVERET_AMQP_URL names another'
  switch (code) {
    case 'ECONNREFUSED':
      return new CommandError(
        `nothing listens for AMQP at ${address}: is the broker running? (${other})`,
        exitCode.unavailable,
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CommandError(`${address} is not a known host name (${other})`, exitCode.unavailable)
    case 'ETIMEDOUT':
      return new CommandError(`${address} did not answer in time (--timeout waits longer)`, exitCode.temporary)
    default:
      if (/ETIMEDOUT|timeout/i.test(text)) {
        return new CommandError(`${address} did not answer in time (--timeout waits longer)`, exitCode.temporary)
      }
      return new CommandError(`the connection to ${address} failed: ${text} (${other})`, exitCode.unavailable)
  }
}

function addressOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return 'the broker'
  }
}
