// What the keys of rabbitmq.conf mean here (ecosystem.md §6): one of our options, nothing that there is here (named in a
// notice), or nothing that RabbitMQ knows either. Knows keys and options; not where the lines came from.

import { ConfigError, shown } from './config-error.ts'
import { availableMemory, type OptionField } from './options.ts'
import { type Line, linePlace } from './rabbitmq-file.ts'

/** What a line sets. */
export type Setting = readonly [field: OptionField, raw: unknown]

/** A key: which option it is, and how its values are read where they are written otherwise. */
interface Meaning {
  readonly field: OptionField
  readonly read?: (value: string, line: Line) => unknown
}

/** RabbitMQ's levels of logging. */
const levels: ReadonlyMap<string, string> = new Map([
  ['debug', 'debug'],
  ['info', 'info'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['critical', 'fatal'],
  ['alert', 'fatal'],
  ['emergency', 'fatal'],
  ['none', 'silent'],
])

const logLevel: Meaning = { field: 'logLevel', read: (value) => levels.get(value) ?? value }
const unlimited = (none: string) => (value: string) => (value === 'infinity' || value === 'unlimited' ? none : value)

const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['ssl_options.cacertfile', { field: 'tlsCa' }],
  ['ssl_options.certfile', { field: 'tlsCert' }],
  ['ssl_options.keyfile', { field: 'tlsKey' }],
  ['ssl_options.password', { field: 'tlsKeyPass' }],
  ['ssl_cert_login_from', { field: 'certLoginFrom' }],
  ['ssl_cert_login_san_type', { field: 'certLoginSanType' }],
  ['ssl_cert_login_san_index', { field: 'certLoginSanIndex' }],
  ['default_user', { field: 'defaultUser' }],
  ['default_pass', { field: 'defaultPass' }],
  ['default_vhost', { field: 'defaultVhost' }],
  ['heartbeat', { field: 'heartbeatSeconds' }],
  ['frame_max', { field: 'frameMax' }],
  ['channel_max', { field: 'channelMax', read: (value) => (value === '0' ? '65535' : value) }],
  ['max_message_size', { field: 'maxMessageBytes' }],
  ['consumer_timeout', { field: 'consumerTimeoutMs', read: (value) => (value === 'undefined' ? '0' : value) }],
  ['handshake_timeout', { field: 'handshakeTimeoutMs' }],
  ['proxy_protocol', { field: 'proxyProtocol' }],
  ['connection_max', { field: 'connectionMax', read: unlimited('0') }],
  ['channel_max_per_node', { field: 'channelMaxPerNode', read: unlimited('0') }],
  ['consumer_max_per_channel', { field: 'consumerMaxPerChannel', read: unlimited('0') }],
  ['vhost_max', { field: 'vhostMax', read: unlimited('0') }],
  ['cluster_queue_limit', { field: 'clusterQueueLimit', read: unlimited('0') }],
  ['cluster_exchange_limit', { field: 'clusterExchangeLimit', read: unlimited('0') }],
  ['vm_memory_high_watermark.absolute', { field: 'memoryLimit' }],
  ['vm_memory_high_watermark.relative', { field: 'memoryLimit', read: ofMemory }],
  ['disk_free_limit.absolute', { field: 'diskFreeLimit' }],
  ['disk_free_limit.relative', { field: 'diskFreeLimit', read: ofMemory }],
  ['log.level', logLevel],
  ['log.default.level', logLevel],
  ['log.console.level', logLevel],
  ['log.file.level', logLevel],
  ['log.console.formatter', { field: 'logFormat', read: (value) => (value === 'json' ? 'json' : 'pretty') }],
  ['management.tcp.port', { field: 'httpPort' }],
  ['prometheus.tcp.port', { field: 'metricsPort' }],
  ['management.tcp.ip', { field: 'httpHost' }],
  ['management.listener.port', { field: 'httpPort' }],
  ['management.listener.ip', { field: 'httpHost' }],
  ['management.ssl.port', { field: 'httpsPort' }],
  ['management.ssl.ip', { field: 'httpHost' }],
  ['load_definitions', { field: 'loadDefinitions' }],
  ['management.load_definitions', { field: 'loadDefinitions' }],
  ['definitions.local.path', { field: 'loadDefinitions' }],
  ['anonymous_login_user', { field: 'anonymousLoginUser' }],
])

/** Keys that say what is so here anyway, with the value that does. */
const matters: readonly (readonly [RegExp, RegExp])[] = [
  [/^auth_backends\.\d+$/, /^(internal|rabbit_auth_backend_internal)$/],
  [/^default_permissions\.(configure|read|write)$/, /^\.\*$/],
  [/^default_user_tags\.administrator$/, /^true$/],
  [/^default_queue_type$/, /^classic$/],
  [/^log\.(console|file)$/, /^(true|false)$/],
  [/^ssl_options\.honor_(cipher|ecc)_order$/, /^true$/],
  [/^definitions\.import_backend$/, /^local_filesystem$/],
]

/** Keys that RabbitMQ has and that change nothing here: families, by how they begin. */
const families: readonly string[] = [
  ...[
    'auth_backends.',
    'auth_cache.',
    'auth_http.',
    'auth_ldap.',
    'auth_oauth2.',
    'classic_queue.',
    'cluster_formation.',
  ],
  ...['cluster_tags.', 'config_entry_decoder.', 'credential_validator.', 'default_permissions.', 'default_policies.'],
  ...['default_user_tags.', 'default_users.', 'definitions.', 'deprecated_features.', 'distribution.', 'encryption.'],
  ...['erlang.', 'event_exchange.', 'kernel.', 'log.', 'management.', 'management_agent.', 'message_interceptors.'],
  ...['metadata_store.', 'mqtt.', 'num_acceptors.', 'prometheus.', 'quorum_queue.', 'raft.', 'runtime.', 'shovel.'],
  ...['socket_writer.', 'ssl_options.', 'stomp.', 'stream.', 'sysmon_handler.', 'tcp_listen_options.', 'trace_vhosts.'],
  ...['trust_store.', 'amqp1_0.', 'vhost.', 'web_mqtt.', 'web_stomp.', 'web_amqp.', 'listeners.quic.', 'product.'],
  ...[
    'background_gc_',
    'cluster_partition_handling',
    'mirroring_sync_',
    'mnesia_table_loading_',
    'msg_store_',
    'queue_index_',
  ],
]

/** The same by their whole names. */
const lone: ReadonlySet<string> = new Set([
  ...['anonymous_login_pass', 'channel_operation_timeout', 'channel_tick_interval'],
  ...['cluster_keepalive_interval', 'cluster_name', 'collect_statistics', 'collect_statistics_interval'],
  ...['credit_flow_default_credit', 'default_consumer_prefetch', 'default_queue_type', 'delegate_count'],
  ...['hipe_compile', 'initial_frame_max', 'lazy_queue_explicit_gc_run_operation_threshold', 'link_max_per_session'],
  ...['log_root', 'memory_monitor_interval', 'motd_file', 'net_ticktime', 'nodename'],
  ...['password_hashing_module', 'queue_explicit_gc_run_operation_threshold', 'queue_leader_locator'],
  ...['queue_master_locator', 'ranch_connection_max', 'reverse_dns_lookups', 'session_max_per_connection'],
  ...['ssl_allow_poodle_attack', 'ssl_handshake_timeout', 'total_memory_available_override_value'],
  ...['track_auth_attempt_source', 'vm_memory_calculation_strategy', 'vm_memory_high_watermark_paging_ratio'],
])

/** Whether RabbitMQ has such a key, as far as we know, that means nothing here. */
export function isIgnored(key: string): boolean {
  return lone.has(key) || families.some((family) => key.startsWith(family))
}

/** Whether a line says what is so here anyway. */
export function isMatterOfCourse({ key, value }: Line): boolean {
  return matters.some(([keys, values]) => keys.test(key) && values.test(value))
}

/** What the line sets by itself; undefined where its key is not one option. */
export function settingOf(line: Line): Setting | undefined {
  const meaning = meanings.get(line.key)
  return meaning && [meaning.field, meaning.read ? meaning.read(line.value, line) : line.value]
}

/** Keys to compare a mistyped one with. */
export function knownKeys(): readonly string[] {
  return [...meanings.keys(), ...COMPOSED, ...lone]
}

/** Keys that mean something together with others (rabbitmq-conf.ts). */
const COMPOSED = [
  'listeners.tcp.default',
  'listeners.ssl.default',
  'ssl_options.verify',
  'ssl_options.fail_if_no_peer_cert',
  'ssl_options.versions.1',
  'ssl_options.ciphers.1',
  'auth_mechanisms.1',
  'auth_backends.1',
  'loopback_users.guest',
  'loopback_users',
  'default_user_tags.administrator',
  'default_permissions.configure',
]

/** A share of the memory there is. */
function ofMemory(value: string, line: Line): unknown {
  const share = Number(value)
  if (!(share > 0)) throw new ConfigError('file', linePlace(line), `got ${shown(value)}, expected a number above 0`)
  return Math.round(share * availableMemory())
}
