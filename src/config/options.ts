// The table of options; those of TLS and of who may come in are in security-options.ts. The flags of the command line, the
// environment variables, the keys of the configuration file, the table in the README and the type Config all derive from
// it; nothing else may name an option's spelling.

import { homedir, totalmem } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { type Environment, type Option, option } from './option.ts'
import { securityOptions } from './security-options.ts'
import {
  duration,
  file,
  folder,
  hostname,
  names,
  oneOf,
  orElsewhere,
  places,
  portOrOff,
  size,
  text,
  wholeNumber,
  yesOrNo,
} from './values.ts'

/** A limit, or none. */
const anyNumber = wholeNumber(0, 2 ** 31 - 1, ' (0 is any number)')

export { type Environment, flagOf, keyOf, type Option, variablesOf } from './option.ts'

/** Every option, under the name that it has in the typed Config. */
export const options = {
  host: option({
    name: 'host',
    kind: hostname,
    initial: '::',
    initially: 'every interface',
    placeholder: 'address',
    help: 'address to listen on; * is every interface, IPv4 and IPv6',
    variables: ['RABBITMQ_NODE_IP_ADDRESS'],
  }),
  port: option({
    name: 'port',
    kind: portOrOff,
    initial: 5672,
    placeholder: 'number',
    help: 'port for AMQP; 0 takes any free port, off opens none',
    variables: ['RABBITMQ_NODE_PORT', 'RABBITMQ_NODE_PORT_NUMBER'],
  }),
  listen: option<readonly string[]>({
    name: 'listen',
    kind: places,
    initial: [],
    initially: 'none',
    placeholder: 'addresses',
    help: 'more places to listen on for AMQP: addresses with ports, commas between them, such as 127.0.0.1:5673,[::1]:5673',
  }),
  proxyProtocol: option({
    name: 'proxy-protocol',
    kind: yesOrNo,
    initial: false,
    help: 'a proxy stands before the ports for AMQP, and says at the beginning of each connection who comes (PROXY protocol 1 or 2)',
  }),
  httpPort: option({
    name: 'http-port',
    kind: portOrOff,
    initial: 15672,
    placeholder: 'number',
    help: 'port for the HTTP API; 0 takes any free port, off opens none',
    variables: ['RABBITMQ_MANAGEMENT_PORT_NUMBER'],
  }),
  metricsPort: option({
    name: 'metrics-port',
    kind: portOrOff,
    initial: 15692,
    placeholder: 'number',
    help: 'port for metrics (Prometheus) and health, on the address of HTTP; 0 takes any free port, off opens none',
  }),
  httpHost: option<string | null>({
    name: 'http-host',
    kind: orElsewhere(hostname),
    initial: null,
    initially: 'that of --host',
    placeholder: 'address',
    help: 'address to listen on for the HTTP API; * is every interface, IPv4 and IPv6',
  }),
  dataDir: option({
    name: 'data-dir',
    kind: folder,
    initial: defaultDataDir,
    initially: '$XDG_DATA_HOME/leveret, or ~/.local/share/leveret',
    placeholder: 'folder',
    help: 'folder that holds durable queues and messages',
  }),
  loadDefinitions: option<string | null>({
    name: 'load-definitions',
    kind: orElsewhere(file),
    initial: null,
    initially: 'none',
    placeholder: 'file',
    help: 'definitions, or a folder of them, to make true at every start; a new broker has their users instead of its own',
    variables: ['RABBITMQ_DEFINITIONS_FILE'],
  }),
  ephemeral: option({
    name: 'ephemeral',
    kind: yesOrNo,
    initial: false,
    help: 'keep everything in memory: nothing is written, nothing survives a restart',
  }),
  testMode: option({
    name: 'test-mode',
    kind: yesOrNo,
    initial: false,
    help: 'a broker for tests: in memory, with the control API /api/leveret/test, which asks for no password',
  }),
  testClock: option({
    name: 'test-clock',
    kind: oneOf('real', 'virtual'),
    initial: 'real',
    placeholder: 'kind',
    help: 'with --test-mode: real, or virtual: time of messages stands still until a test moves it',
  }),
  testCompat: option({
    name: 'test-compat',
    kind: oneOf('leveret', 'rabbitmq-3.13', 'rabbitmq-4.3'),
    initial: 'leveret',
    placeholder: 'name',
    help: 'with --test-mode: the RabbitMQ that it is where versions differ: rabbitmq-3.13, rabbitmq-4.3, or as usual',
  }),
  sync: option({
    name: 'sync',
    kind: yesOrNo,
    initial: true,
    help: 'confirm a message only when the disk has it (fsync); without, a power cut may lose confirmed messages',
  }),
  lingerMs: option({
    name: 'linger',
    kind: duration('ms', 0, 1000),
    initial: 0,
    initially: '0 (milliseconds)',
    placeholder: 'ms',
    help: 'how long a commit waits for more messages: fewer syncs of the disk, later confirms',
  }),
  batchBytes: option({
    name: 'batch-bytes',
    kind: size(1, 2 ** 30),
    initial: 2 ** 20,
    initially: '1MiB',
    placeholder: 'size',
    help: 'with --linger: messages of this size together wait no longer',
  }),
  defaultUser: option({
    name: 'default-user',
    kind: text(255),
    initial: 'guest',
    placeholder: 'name',
    help: 'user that a new broker starts with',
    variables: ['RABBITMQ_DEFAULT_USER', 'RABBITMQ_USERNAME'],
    fromFile: true,
  }),
  defaultPass: option({
    name: 'default-pass',
    kind: text(4096),
    initial: 'guest',
    placeholder: 'password',
    help: 'password of that user; flags are seen by others on the machine, a variable or its _FILE is not',
    variables: ['RABBITMQ_DEFAULT_PASS', 'RABBITMQ_PASSWORD'],
    fromFile: true,
    secret: true,
  }),
  defaultVhost: option({
    name: 'default-vhost',
    kind: text(255),
    initial: '/',
    placeholder: 'name',
    help: 'virtual host that a new broker starts with',
    variables: ['RABBITMQ_DEFAULT_VHOST', 'RABBITMQ_VHOST'],
    fromFile: true,
  }),
  loopbackUsers: option({
    name: 'loopback-users',
    kind: names,
    initial: ['guest'],
    placeholder: 'names',
    help: 'users who may log in only from this machine, commas between them; none lets everyone in from everywhere',
  }),
  logLevel: option({
    name: 'log-level',
    kind: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    initial: 'info',
    placeholder: 'level',
    help: 'least level to log: trace, debug, info, warn, error, fatal or silent',
  }),
  logFormat: option({
    name: 'log-format',
    kind: oneOf('auto', 'pretty', 'json'),
    initial: 'auto',
    placeholder: 'format',
    help: 'pretty, json, or auto: pretty on a terminal, json elsewhere',
  }),
  frameMax: option({
    name: 'frame-max',
    kind: size(4096, 128 * 2 ** 20),
    initial: 131_072,
    placeholder: 'size',
    help: 'largest frame offered to clients',
  }),
  channelMax: option({
    name: 'channel-max',
    kind: wholeNumber(1, 65535),
    initial: 2047,
    placeholder: 'number',
    help: 'most channels offered to a connection',
  }),
  consumerMaxPerChannel: option({
    name: 'consumer-max-per-channel',
    kind: anyNumber,
    initial: 0,
    initially: 'any number',
    placeholder: 'number',
    help: 'most consumers on a channel; 0 is any number',
  }),
  connectionMax: option({
    name: 'connection-max',
    kind: anyNumber,
    initial: 0,
    initially: 'any number',
    placeholder: 'number',
    help: 'most connections; 0 is any number',
  }),
  channelMaxPerNode: option({
    name: 'channel-max-per-node',
    kind: anyNumber,
    initial: 0,
    initially: 'any number',
    placeholder: 'number',
    help: 'most channels of all connections; 0 is any number',
  }),
  vhostMax: option({
    name: 'vhost-max',
    kind: anyNumber,
    initial: 0,
    initially: 'any number',
    placeholder: 'number',
    help: 'most virtual hosts; 0 is any number',
  }),
  clusterQueueLimit: option({
    name: 'cluster-queue-limit',
    kind: anyNumber,
    initial: 0,
    initially: 'any number',
    placeholder: 'number',
    help: 'most queues of all virtual hosts; 0 is any number',
  }),
  clusterExchangeLimit: option({
    name: 'cluster-exchange-limit',
    kind: anyNumber,
    initial: 0,
    initially: 'any number',
    placeholder: 'number',
    help: 'most exchanges of all virtual hosts; 0 is any number',
  }),
  consumerTimeoutMs: option<number | null>({
    name: 'consumer-timeout',
    kind: orElsewhere(duration('ms', 0, 315_360_000_000, ' (0 is never)')),
    initial: null,
    initially: '1800000 (milliseconds) for quorum queues, never for others',
    placeholder: 'ms',
    help: 'time that a consumer may keep a message without settling it, on all queues but streams; 0 is any time',
  }),
  heartbeatSeconds: option({
    name: 'heartbeat',
    kind: duration('s', 0, 65535, ' (0 is never)'),
    initial: 60,
    initially: '60 (seconds)',
    placeholder: 'seconds',
    help: 'heartbeat suggested to clients; 0 is none',
  }),
  maxMessageBytes: option({
    name: 'max-message-size',
    kind: size(1, 512 * 2 ** 20),
    initial: 16 * 2 ** 20,
    initially: '16MiB',
    placeholder: 'size',
    help: 'largest message body that is taken',
  }),
  memoryLimit: option({
    name: 'memory-limit',
    kind: size(64 * 2 ** 20, 2 ** 50),
    initial: () => Math.round(availableMemory() * 0.6),
    initially: '60 % of the memory there is',
    placeholder: 'size',
    help: 'memory of the broker from which on publishers are blocked',
  }),
  diskFreeLimit: option({
    name: 'disk-free-limit',
    kind: size(0, 2 ** 50),
    initial: 50_000_000,
    initially: '50MB',
    placeholder: 'size',
    help: 'room on the disk below which publishers are blocked',
  }),
  handshakeTimeoutMs: option({
    name: 'handshake-timeout',
    kind: duration('ms', 1, 3_600_000),
    initial: 10_000,
    initially: '10000 (milliseconds)',
    placeholder: 'ms',
    help: 'time that a client has to log in before it is hung up on',
  }),
  ...securityOptions,
}

/** The name of an option in the typed Config. */
export type OptionField = keyof typeof options

/** The broker's settings: complete, validated, never changed. Derived from the table of options. */
export type Config = {
  readonly [Field in OptionField]: (typeof options)[Field] extends Option<infer T> ? T : never
}

/** Every option with the field that it fills, in the order of the table. */
export const optionList: readonly (readonly [OptionField, Option<unknown>])[] = Object.entries(options) as [
  OptionField,
  Option<unknown>,
][]

/** Memory that this process may use, bytes: what a container is given, or the machine has. */
export function availableMemory(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem()
}

// One place a machine, wherever the broker was started from: a queue that is gone because somebody changed folders is
// worse than a folder that one must look up. systemd names the folder itself (StateDirectory=, systemd.exec(5)).
function defaultDataDir(env: Environment): string {
  const [stateDirectory] = (env['STATE_DIRECTORY'] ?? '').split(':')
  if (stateDirectory) return stateDirectory
  const dataHome = env['XDG_DATA_HOME'] ?? ''
  // The XDG base directory specification: a relative path is to be ignored.
  return join(isAbsolute(dataHome) ? dataHome : join(homedir(), '.local', 'share'), 'leveret')
}
