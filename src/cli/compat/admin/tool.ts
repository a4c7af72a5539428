// rabbitmqadmin: a command line in, text and an exit code out, all over the HTTP API. Where the broker is comes from the
// options; the client is passed in.

import { join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import type { Answer, Asked, Row } from '../../http.ts'
import { refusal } from '../../http.ts'
import { AdminError, misuse } from './admin-error.ts'
import {
  closable,
  declarable,
  deletable,
  type Listed,
  listable,
  type Named,
  purgable,
  readNamed,
  showable,
  verbs,
} from './grammar.ts'
import { completionText, configText, subcommandsText, usageText } from './help.ts'
import { printList } from './lister.ts'
import { type AdminLine, type AdminOptions, parseAdmin, settleAdmin, UnknownFlag } from './options.ts'
import { asFirst } from './second.ts'

/** What rabbitmqadmin runs in. */
export interface AdminTool {
  readonly version: string
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly home: string | undefined
  readonly readInput: () => Promise<Buffer>
  readonly readFile: (path: string) => Promise<Buffer>
  readonly writeFile: (path: string, contents: Buffer) => Promise<void>
  /** A client of the broker that the options name. */
  readonly connect: (
    options: AdminOptions,
  ) => Promise<{ ask(method: string, path: string, asked?: Asked): Promise<Answer> }>
}

/** Runs a command line; resolves with the exit code. */
export async function runAdmin(argv: readonly string[], tool: AdminTool): Promise<number> {
  try {
    const line = parseAdmin(asFirst(argv))
    const options = settleAdmin(line, await configFile(line, tool))
    const text = standing(options, tool)
    if (text !== undefined) {
      tool.stdout.write(text)
      return 0
    }
    await new Session(options, line.args.slice(1), tool).run(line.args[0])
    return 0
  } catch (error) {
    return complain(error, tool)
  }
}

async function configFile({ given }: AdminLine, tool: AdminTool): Promise<string | undefined> {
  const named = given['config']
  const path = typeof named === 'string' ? named : join(tool.home ?? '', '.rabbitmqadmin.conf')
  if (typeof named !== 'string' && tool.home === undefined) return undefined
  try {
    return (await tool.readFile(path)).toString('utf8')
  } catch {
    if (typeof named === 'string') throw misuse(`Could not read config file '${path}'`)
    return undefined
  }
}

/** What is said without a broker. */
function standing({ help, version, bashCompletion }: AdminOptions, tool: AdminTool): string | undefined {
  if (help) return usageText()
  if (version) return `rabbitmqadmin ${tool.version}\n`
  return bashCompletion ? completionText() : undefined
}

function complain(error: unknown, tool: AdminTool): number {
  if (error instanceof UnknownFlag) {
    tool.stderr.write(`Usage: rabbitmqadmin [options] subcommand\n\nrabbitmqadmin: error: ${error.message}\n`)
    return 2
  }
  if (error instanceof AdminError) tool.stderr.write(error.text)
  else if (error instanceof CommandError) tool.stderr.write(`*** Could not connect: ${error.message}\n\n`)
  else throw error
  return 1
}

class Session {
  readonly #options: AdminOptions
  readonly #args: readonly string[]
  readonly #tool: AdminTool

  constructor(options: AdminOptions, args: readonly string[], tool: AdminTool) {
    this.#options = options
    this.#args = args
    this.#tool = tool
  }

  // long: a flat switch over subcommands
  async run(subcommand: string | undefined): Promise<void> {
    switch (subcommand) {
      case undefined:
        throw misuse('Action not specified')
      case 'help':
        return this.#help()
      case 'list':
        return this.#list('list', listable)
      case 'show':
        return this.#list('show', showable)
      case 'declare':
        return this.#declare()
      case 'delete':
        return this.#remove(deletable, 'deleted')
      case 'close':
        return this.#remove(closable, 'closed')
      case 'purge':
        return this.#remove(purgable, 'purged')
      case 'publish':
        return this.#publish()
      case 'get':
        return this.#get()
      case 'export':
        return this.#export()
      case 'import':
        return this.#import()
      default:
        throw misuse(`Action ${subcommand} not understood`)
    }
  }

  #help(): void {
    const topics = { subcommands: subcommandsText, config: configText }
    const [topic] = this.#args
    if (topic === undefined) return void this.#tool.stdout.write(usageText())
    const text = topics[topic as keyof typeof topics]
    if (!text) throw misuse('help topic must be one of:\n  subcommands\n  config')
    this.#tool.stdout.write(text())
  }

  async #list(verb: string, kinds: Readonly<Record<string, Listed>>): Promise<void> {
    const { vhost, sort, sortReverse, format, depth, depthGiven } = this.#options
    const [kind = '', ...named] = this.#args
    const info = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
    if (!info) throw misuse(`Don't know how to ${verb} ${kind}`)
    const usual = !depthGiven && !format.includes('json') ? (info.cols ?? []) : []
    const columns = named.length > 0 ? named : usual
    const inVhost = info.vhost && vhost !== undefined ? `/${encodeURIComponent(vhost)}` : ''
    const body = await this.#ask('GET', `/${kind.replaceAll('_', '-')}${inVhost}`, {
      query: {
        columns: columns.length > 0 ? columns.join(',') : undefined,
        sort,
        sort_reverse: sortReverse ? true : undefined,
      },
    })
    const items = verb === 'show' ? [body as Row] : (body as readonly Row[])
    this.#print(items, columns, info.json ?? [], depth)
  }

  async #declare(): Promise<void> {
    const { kind, uri, upload } = this.#named(declarable)
    await this.#ask(kind === 'binding' ? 'POST' : 'PUT', uri, { body: upload })
    this.#say(`${kind} declared`)
  }

  async #remove(kinds: Readonly<Record<string, Named>>, done: string): Promise<void> {
    const { kind, uri } = this.#named(kinds)
    await this.#ask('DELETE', uri)
    this.#say(`${kind} ${done}`)
  }

  #named(kinds: Readonly<Record<string, Named>>) {
    const [kind, ...args] = this.#args
    if (kind === undefined) throw misuse('Type not specified')
    const thing = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
    if (!thing) throw misuse(`Type ${kind} not recognised`)
    return { kind, ...readNamed(args, thing, this.#vhost) }
  }

  async #publish(): Promise<void> {
    const { uri, upload } = readNamed(this.#args, verbs.publish, this.#vhost)
    const payload =
      'payload' in upload
        ? {}
        : { payload: (await this.#tool.readInput()).toString('base64'), payload_encoding: 'base64' }
    const { routed } = (await this.#ask('POST', uri, { body: { ...upload, ...payload } })) as Row
    this.#say(routed === true ? 'Message published' : 'Message published but NOT routed')
  }

  async #get(): Promise<void> {
    const { uri, upload } = readNamed(this.#args, verbs.get, this.#vhost)
    const file = upload['payload_file']
    if (typeof file === 'string' && upload['count'] !== '1') {
      throw misuse('Cannot get multiple messages using payload_file')
    }
    const messages = (await this.#ask('POST', uri, { body: upload })) as readonly Row[]
    if (typeof file !== 'string') return this.#print(messages, [], [], this.#options.depth)
    const [message] = messages
    if (!message) throw new AdminError(`Queue ${upload['queue']} is empty, nothing was written to ${file}`)
    const encoding = message['payload_encoding'] === 'base64' ? 'base64' : 'utf8'
    await this.#tool.writeFile(file, Buffer.from(String(message['payload']), encoding))
    this.#print(messages, ['routing_key', 'exchange', 'message_count', 'payload_bytes', 'redelivered'], [], 1)
  }

  async #export(): Promise<void> {
    const path = this.#onlyArgument()
    const definitions = await this.#ask('GET', this.#definitionsPath())
    await this.#tool.writeFile(path, Buffer.from(JSON.stringify(definitions)))
    this.#say(`Exported definitions for ${this.#options.hostname ?? 'localhost'} to "${path}"`)
  }

  async #import(): Promise<void> {
    const path = this.#onlyArgument()
    let text: string
    try {
      text = (await this.#tool.readFile(path)).toString('utf8')
    } catch (error) {
      throw new AdminError(`Could not read ${path}: ${(error as Error).message}`)
    }
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch (error) {
      throw new AdminError(`${path} is not JSON: ${(error as Error).message}`)
    }
    await this.#ask('POST', this.#definitionsPath(), { body })
    const host = this.#options.hostname ?? 'localhost'
    this.#say(
      `Uploaded definitions from "${host}" to ${path}. The import process may take some time. Consult server logs to track progress.`,
    )
  }

  #definitionsPath(): string {
    const { vhost } = this.#options
    return vhost === undefined ? '/definitions' : `/definitions/${encodeURIComponent(vhost)}`
  }

  #onlyArgument(): string {
    const [path] = this.#args
    if (path === undefined || this.#args.length > 1) throw misuse('Exactly one argument required')
    return path
  }

  get #vhost(): string {
    return this.#options.vhost ?? this.#options.declareVhost
  }

  async #ask(method: string, path: string, asked: Asked = {}): Promise<unknown> {
    const client = await this.#tool.connect(this.#options)
    const { status, body } = await client.ask(method, `/api${path}`, asked)
    if (status >= 200 && status < 300) return body
    const { error, reason } = refusal(body)
    const at = `${this.#options.pathPrefix}/api${path}`
    if (status === 401) throw new AdminError(`Access refused: ${at}`)
    if (status === 404) throw new AdminError(`Not found: ${at}`)
    throw new AdminError(reason ?? error ?? `Received response ${status} for path ${at}`)
  }

  #print(items: readonly Row[], columns: readonly string[], json: readonly string[], depth: number): void {
    const { format, quiet } = this.#options
    this.#tool.stdout.write(printList(items, { format, quiet, depth, json, columns }))
  }

  #say(text: string): void {
    if (!this.#options.quiet) this.#tool.stdout.write(`${text}\n`)
  }
}
