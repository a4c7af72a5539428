// A verb at work: what it asks the broker with, where it prints, whether it may go on. Everything costly is loaded when it
// is first asked for. Knows no single command.

import { CommandError } from './command-error.ts'
import type { CommandTree } from './completion.ts'
import { exitCode } from './exit-codes.ts'
import type { Globals } from './globals.ts'
import { Api, path } from './http.ts'
import type { Colours } from './output/colour.ts'
import { coloursFor, wantsColour } from './output/colour.ts'
import type { OutputFormat } from './output/formats.ts'
import { printObject, printRows, type Row, type Shape, type Style } from './output/print.ts'
import type { Progress } from './progress.ts'
import { settleTarget, type Target } from './target.ts'
import type { Terminal } from './terminal.ts'

/** One run of one verb. */
export class Task {
  readonly terminal: Terminal
  readonly globals: Globals
  readonly #commandTree: (() => Promise<CommandTree>) | undefined
  #target: Target | undefined
  #api: Api | undefined
  #sink: ((text: string) => void) | undefined

  /** @param commandTree all commands there are, for those few that are about the others */
  constructor(terminal: Terminal, globals: Globals, commandTree?: () => Promise<CommandTree>) {
    this.terminal = terminal
    this.globals = globals
    this.#commandTree = commandTree
  }

  /** Which broker is meant. */
  async target(): Promise<Target> {
    this.#target ??= await this.#settle()
    return this.#target
  }

  /** The broker's HTTP API. */
  async api(): Promise<Api> {
    const { timeoutMs, dryRun, verbose } = this.globals
    this.#api ??= new Api(await this.target(), {
      timeoutMs,
      dryRun,
      undone: (line) => void this.terminal.stderr.write(`${line}\n`),
      ...(verbose ? { log: (line: string) => void this.terminal.stderr.write(`${line}\n`) } : {}),
    })
    return this.#api
  }

  /** The vhost that was named, or `/`. */
  async vhost(): Promise<string> {
    return (await this.target()).vhost ?? '/'
  }

  /** `/api/<noun>`, of one vhost where one was named. */
  async pathOf(...names: readonly string[]): Promise<string> {
    const { vhost } = await this.target()
    return vhost === undefined ? path(...names) : path(...names, vhost)
  }

  /** Where messages go: what was said, or the AMQP port that the broker itself names. */
  async amqpUrl(): Promise<string> {
    const target = await this.target()
    const { amqpUrlOf } = await import('./amqp-url.ts')
    return amqpUrlOf(target, await this.api())
  }

  /** Prints rows in the format that was asked for. */
  async list(rows: readonly Row[], shape: Shape): Promise<void> {
    if (rows.length === 0 && this.format === 'table') return this.say('(none)')
    this.print(await printRows(rows, shape, this.style))
  }

  /** Prints one object. */
  async show(object: Row, shape: Shape = { columns: [] }): Promise<void> {
    this.print(await printObject(object, shape, this.style))
  }

  /** Prints data as it is. */
  print(text: string): void {
    if (this.#sink) this.#sink(text)
    else this.terminal.stdout.write(text)
  }

  /** Sends what is printed elsewhere, until told otherwise. */
  printInto(sink: ((text: string) => void) | undefined): void {
    this.#sink = sink
  }

  /** Says what was done, to a person, on stderr. */
  say(line: string): void {
    if (!this.globals.quiet) this.terminal.stderr.write(`${line}\n`)
  }

  /** The same, for what changed something: a dry run has changed nothing, so it is silent. */
  done(line: string): void {
    if (!this.globals.dryRun) this.say(line)
  }

  /** Says what is not well. Never quiet. */
  warn(line: string): void {
    this.terminal.stderr.write(`leveret: ${line}\n`)
  }

  /** The format: a table for people, lines of tabs for programs. */
  get format(): OutputFormat {
    return this.globals.output ?? (this.terminal.stdout.isTTY ? 'table' : 'tsv')
  }

  /** How to print. */
  get style(): Style {
    const { columns, sort, filter, headers } = this.globals
    const { stdout } = this.terminal
    const width = stdout.isTTY ? stdout.columns : undefined
    return { format: this.format, columns, sort, filter, headers, colour: this.#coloured, width }
  }

  /** The colours of standard output. */
  get colours(): Colours {
    return coloursFor(this.#coloured)
  }

  get #coloured(): boolean {
    return wantsColour(this.globals.color, this.terminal.env, this.terminal.stdout.isTTY === true)
  }

  /**
   * Asks before something is lost: on a terminal a person, else `--yes` has to be there.
   * @throws CommandError when it is not to be done
   */
  async confirm(what: string): Promise<void> {
    if (this.globals.yes || this.globals.dryRun) return
    const { stdin, stderr } = this.terminal
    if (!stdin.isTTY || !stderr.isTTY) throw new CommandError(`${what}: this needs --yes where nobody can be asked`)
    const { asked } = await import('./ask.ts')
    const answer = await asked(`${what}? [y/N] `, this.terminal)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('nothing was done', exitCode.failedCheck)
  }

  /** A bar on stderr that shows how far something long is; on anything but a terminal there is none. */
  async progress(label: string, total: number): Promise<Progress> {
    const { openProgress } = await import('./progress.ts')
    return openProgress(label, total, this.terminal, !this.globals.quiet)
  }

  /** All commands there are. */
  async commandTree(): Promise<CommandTree> {
    if (!this.#commandTree) throw new TypeError('this task was not told of the other commands')
    return this.#commandTree()
  }

  /** Lets go of what was opened. */
  close(): void {
    this.#api?.close()
  }

  async #settle(): Promise<Target> {
    const { env, cwd } = this.terminal
    const named = this.globals.context ?? (env['LEVERET_CONTEXT'] || undefined)
    const { contextInUse } = await import('./contexts.ts')
    return settleTarget(this.globals, env, cwd, await contextInUse(env, named))
  }
}
