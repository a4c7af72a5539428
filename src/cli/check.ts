// `leveret check`: verifies a data directory that no broker has open, a line for each thing that is wrong and one for
// what there was. The verdict is the exit code.

import { type Given, type Loaded, loadConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Environment } from '../config/options.ts'
import { exitCode } from './exit-codes.ts'
import { configFailure, type Failure, startFailure } from './failure.ts'

/** Something that is damaged, as far as it is known; null is what is not. */
export interface Finding {
  readonly queueId: number | null
  readonly queue: string | null
  readonly vhost: string | null
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  readonly cause: string
}

/** What there was. */
export interface Tally {
  readonly queues: number
  readonly chunks: number
  readonly messages: number
  readonly octets: number
  readonly findings: number
}

/** What the command line says: which directory, or where that is written. */
export type CheckFlags = Pick<Given, 'flags' | 'configFile' | 'rabbitmqConf'>

/** Reads a whole store and reports what is damaged; rejects with `StoreError` where it cannot be opened. */
export type CheckStore = (directory: string, report: (finding: Finding) => void) => Promise<Tally>

/** The process around the command, and the check itself, passed in so that a spec can be that process. */
export interface CheckWorld {
  readonly env: Environment
  readonly cwd: string
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly checkStore: CheckStore
}

/** Checks a store; resolves with the exit code: 0 when all holds, 65 when something is damaged, 69 when it is in use. */
export async function check(flags: CheckFlags, world: CheckWorld): Promise<number> {
  let loaded: Loaded
  try {
    loaded = await loadConfig({ ...flags, env: world.env, cwd: world.cwd })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return tell(configFailure(error), world)
  }
  const { config } = loaded
  try {
    const tally = await world.checkStore(config.dataDir, (finding) => world.stdout.write(`${findingLine(finding)}\n`))
    world.stdout.write(`${config.dataDir}: ${tallyLine(tally)}\n`)
    return tally.findings === 0 ? exitCode.ok : exitCode.data
  } catch (error) {
    return tell(startFailure(error, config), world)
  }
}

/** A finding as it is printed. */
export function findingLine({ queueId, queue, vhost, firstSeq, lastSeq, cause }: Finding): string {
  const name =
    queue === null ? `queue number ${queueId}` : `queue ${JSON.stringify(queue)} in vhost ${JSON.stringify(vhost)}`
  const range = firstSeq === null ? '' : `, messages ${firstSeq} to ${lastSeq ?? '?'}`
  return `${queueId === null ? 'store' : name}${range}: ${cause}`
}

function tallyLine({ queues, chunks, messages, octets, findings }: Tally): string {
  const counts = [count(queues, 'queue'), count(chunks, 'chunk'), count(messages, 'message'), count(octets, 'octet')]
  return `${counts.join(', ')}; ${findings === 0 ? 'nothing is damaged' : count(findings, 'finding')}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function tell(failure: Failure, world: CheckWorld): number {
  world.stderr.write(`leveret: ${failure.line}\n`)
  return failure.exitCode
}
