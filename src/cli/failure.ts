// What can go wrong before a broker runs, told to a person: one line on stderr that names the trouble and the way out,
// and an exit code out of sysexits(3), as rabbitmqctl uses them. Knows error codes, not the code that raised them.

import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { flagOf, options } from '../config/options.ts'
import { exitCode } from './exit-codes.ts'

/** A failure as it is told: the line for stderr (without the program's name) and the code to exit with. */
export interface Failure {
  readonly line: string
  readonly exitCode: number
}

/** Tells a setting that cannot be used. */
export function configFailure(error: ConfigError): Failure {
  return { line: error.message, exitCode: error.origin === 'flag' ? exitCode.usage : exitCode.config }
}

/** What is looked at in an error: Node's fields of system errors, and the kind of a store's. */
interface Fault {
  readonly name?: unknown
  readonly kind?: unknown
  readonly code?: unknown
  readonly syscall?: unknown
  readonly path?: unknown
  readonly port?: unknown
  readonly hostname?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

/**
 * Tells why a broker did not start, and what to do about it.
 * @param error whatever startLeveret threw; its causes are looked at too
 */
export function startFailure(error: unknown, config: Config): Failure {
  if (error instanceof ConfigError) return configFailure(error)
  const faults = chain(error)
  const definitions = faults.find(({ name }) => name === 'DefinitionsError')
  if (definitions) return { line: said(definitions), exitCode: exitCode.data }
  for (const fault of faults) {
    const atTheDoor = fault.syscall === 'listen' || fault.syscall === 'getaddrinfo'
    const failure = storeFailure(fault) ?? (atTheDoor ? doorFailure(fault, config) : diskFailure(fault, config))
    if (failure) return failure
  }
  const certificate = faults.find(({ name }) => name === 'CertificateError')
  if (certificate) return { line: said(certificate), exitCode: exitCode.config }
  const store = faults.find(({ name }) => name === 'StoreError')
  if (store) return { line: `${said(store)} (${flagOf(options.dataDir)} names the folder)`, exitCode: exitCode.io }
  return {
    line: `the broker did not start: ${said(faults[0] ?? { message: error })} (${flagOf(options.logLevel)} debug shows where)`,
    exitCode: exitCode.software,
  }
}

/** A store that is locked or damaged says best itself what the matter is; the flag is ours to name. */
function storeFailure(fault: Fault): Failure | undefined {
  if (fault.name !== 'StoreError' || (fault.kind !== 'locked' && fault.kind !== 'damaged')) return undefined
  return {
    line: `${said(fault)} (${flagOf(options.dataDir)} chooses another folder)`,
    exitCode: fault.kind === 'locked' ? exitCode.unavailable : exitCode.data,
  }
}

function doorFailure(fault: Fault, config: Config): Failure | undefined {
  const { code } = fault
  const number = typeof fault.port === 'number' ? fault.port : Number(config.port)
  const [hostField, portField, place] = doorOf(fault, number, config)
  const [host, port, address] = [flagOf(options[hostField]), flagOf(options[portField]), place ?? config[hostField]]
  const at = address === '::' ? `port ${number}` : `port ${number} of ${address}`
  switch (code) {
    case 'EADDRINUSE':
      return {
        line: `${at} is in use, perhaps by another broker: stop that one, or choose a port with ${port} (0 takes a free one)`,
        exitCode: exitCode.unavailable,
      }
    case 'EACCES':
      return {
        line: `no permission to listen on ${at}: choose a port above 1023 with ${port}`,
        exitCode: exitCode.noPermission,
      }
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return {
        line: `this machine has no address ${address}: give one that it has with ${host}, or * for all`,
        exitCode: exitCode.config,
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        line: `${address} is not a known host name: give an address with ${host}, or * for all`,
        exitCode: exitCode.config,
      }
    default:
      return undefined
  }
}

type DoorFields = readonly [
  host: 'host' | 'httpHost' | 'listen' | 'tlsListen',
  port: 'port' | 'tlsPort' | 'httpPort' | 'httpsPort' | 'metricsPort' | 'listen' | 'tlsListen',
  /** Its address, where the option names more than one. */
  address?: string,
]

/** The options of the door that could not be opened: node:net says which port or which host it was about. */
function doorOf({ hostname }: Fault, port: number, config: Config): DoorFields {
  const { httpHost } = config
  const forHttp = httpHost === null ? 'host' : 'httpHost'
  if (port === config.tlsPort) return ['host', 'tlsPort']
  for (const field of ['listen', 'tlsListen'] as const) {
    const place = config[field].find((each) => each.endsWith(`:${port}`))
    if (place !== undefined && port !== config.port)
      return [field, field, place.replace(/:\d+$/, '').replace(/^\[::\]$/, '::')]
  }
  if (port === config.httpsPort) return [forHttp, 'httpsPort']
  if (port === config.metricsPort) return [forHttp, 'metricsPort']
  const isHttp = port === config.httpPort || (hostname === httpHost && hostname !== config.host)
  return isHttp && port !== config.port ? [forHttp, 'httpPort'] : ['host', 'port']
}

function diskFailure({ code, path }: Fault, config: Config): Failure | undefined {
  const place = typeof path === 'string' ? path : config.dataDir
  const other = `choose another folder with ${flagOf(options.dataDir)}`
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return {
        line: `no permission to use ${place} (${code}): make it writable, or ${other}`,
        exitCode: exitCode.noPermission,
      }
    case 'ENOTDIR':
    case 'EEXIST':
      return { line: `${place} is not a folder: ${other}`, exitCode: exitCode.config }
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EIO':
      return {
        line: `cannot write to ${place} (${code}): make room on the disk, or ${other}`,
        exitCode: exitCode.io,
      }
    default:
      return undefined
  }
}

/** An error's own message, on one line. */
function said({ message }: Fault): string {
  return String(message).replaceAll(/\s+/g, ' ')
}

/** The error and its causes, outermost first; a cause that points back ends the chain. */
function chain(error: unknown): readonly Fault[] {
  const faults: Fault[] = []
  for (let fault = error; typeof fault === 'object' && fault !== null; fault = (fault as Fault).cause) {
    if (faults.includes(fault) || faults.length === 10) break
    faults.push(fault)
  }
  return faults
}
