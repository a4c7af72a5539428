// What can go wrong before a broker runs, told to a person: one line on stderr that names the trouble and the way out,
// and an exit code out of sysexits(3), as rabbitmqctl uses them. Knows error codes, not the code that raised them.

import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { flagOf, options } from '../config/options.ts'

/** Exit codes of the command line, after sysexits(3). */
export const exitCode = {
  ok: 0,
  /** The command was used wrongly: unknown command, unknown or bad flag. */
  usage: 64,
  /** Something that is needed is held by somebody else: the port, the data directory. */
  unavailable: 69,
  /** A fault of Leveret's own. */
  software: 70,
  /** The disk refuses: full, broken. */
  io: 74,
  /** The operating system does not allow it. */
  noPermission: 77,
  /** A setting from a file or the environment cannot be used. */
  config: 78,
} as const

/** A failure as it is told: the line for stderr (without the program's name) and the code to exit with. */
export interface Failure {
  readonly line: string
  readonly exitCode: number
}

/** Tells a setting that cannot be used. */
export function configFailure(error: ConfigError): Failure {
  return { line: error.message, exitCode: error.origin === 'flag' ? exitCode.usage : exitCode.config }
}

interface SystemError {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly path?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

/**
 * Tells why a broker did not start, and what to do about it.
 * @param error whatever startLeveret threw; its causes are looked at too
 */
export function startFailure(error: unknown, config: Config): Failure {
  const links = chain(error)
  for (const link of links) {
    const failure = link.syscall === 'listen' ? listenFailure(link, config) : dataFailure(link, config)
    if (failure) return failure
  }
  if (error instanceof ConfigError) return configFailure(error)
  const said = String(links[0]?.message ?? error).replaceAll(/\s+/g, ' ')
  return {
    line: `the broker did not start: ${said} (${flagOf(options.logLevel)} debug shows where)`,
    exitCode: exitCode.software,
  }
}

function listenFailure({ code }: SystemError, config: Config): Failure | undefined {
  const host = flagOf(options.host)
  const port = flagOf(options.port)
  const at = config.host === '::' ? `port ${config.port}` : `port ${config.port} of ${config.host}`
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
      return {
        line: `this machine has no address ${config.host}: give one that it has with ${host}, or * for all`,
        exitCode: exitCode.config,
      }
    default:
      return undefined
  }
}

function dataFailure({ code, syscall, path }: SystemError, config: Config): Failure | undefined {
  const dataDir = flagOf(options.dataDir)
  const place = typeof path === 'string' ? path : config.dataDir
  switch (code) {
    case 'LEVEL_LOCKED':
      return {
        line: `the data directory ${config.dataDir} is in use by another broker: stop that one, or choose another folder with ${dataDir}`,
        exitCode: exitCode.unavailable,
      }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return {
        line: `no permission to use ${place} (${code}): make it writable, or choose another folder with ${dataDir}`,
        exitCode: exitCode.noPermission,
      }
    case 'ENOTDIR':
    case 'EEXIST':
      return {
        line: `${place} is not a folder: choose another with ${dataDir}`,
        exitCode: exitCode.config,
      }
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EIO':
      return {
        line: `cannot write to ${place} (${code}): make room on the disk, or choose another folder with ${dataDir}`,
        exitCode: exitCode.io,
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return syscall === 'getaddrinfo'
        ? {
            line: `${config.host} is not a known host name: give an address with ${flagOf(options.host)}, or * for all`,
            exitCode: exitCode.config,
          }
        : undefined
    default:
      return undefined
  }
}

/** The error and its causes, outermost first; a cause that points back ends the chain. */
function chain(error: unknown): readonly SystemError[] {
  const links: SystemError[] = []
  for (let link = error; typeof link === 'object' && link !== null; link = (link as SystemError).cause) {
    if (links.includes(link) || links.length === 10) break
    links.push(link)
  }
  return links
}
