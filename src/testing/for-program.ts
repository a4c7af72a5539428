// A test broker for a program in another process, as `leveret exec` wants it: with the HTTP API open, which a program in
// any language can use.

import { toNdjson } from './record.ts'
import { line } from './telling.ts'
import { TestBroker } from './test-broker.ts'

/** A test broker, as far as the command line knows it. */
export interface ProgramBroker {
  env(): Record<string, string>
  /** The last events, a line each. */
  tail(count: number): readonly string[]
  /** All events that are kept, a JSON document a line. */
  trace(): string
  stop(): Promise<void>
}

/** Starts one. */
export async function startForProgram(options: {
  readonly host: string
  readonly port: number
  readonly clock: 'real' | 'virtual'
}): Promise<ProgramBroker> {
  const broker = await TestBroker.start({ ...options, http: true })
  return {
    env: () => broker.env(),
    tail: (count) => broker.events().slice(-count).map(line),
    trace: () => toNdjson(broker.events()),
    stop: () => broker.stop(),
  }
}
