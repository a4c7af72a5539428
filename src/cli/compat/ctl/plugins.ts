// rabbitmq-plugins: what RabbitMQ has as plugins is built in here, so that enabling succeeds and changes nothing. Image
// builds and test containers run it without a broker; nothing here asks one.

import { exitCode } from '../../exit-codes.ts'
import { ANY, arg, type CtlCommand, type Given } from './command.ts'
import { CtlError } from './ctl-error.ts'

const group = 'Plugin Management'

/** What is built in, by the name of the plugin that RabbitMQ has it in. */
const builtIn: readonly string[] = [
  'rabbitmq_auth_mechanism_ssl',
  'rabbitmq_consistent_hash_exchange',
  'rabbitmq_delayed_message_exchange',
  'rabbitmq_management',
  'rabbitmq_management_agent',
  'rabbitmq_prometheus',
  'rabbitmq_random_exchange',
  'rabbitmq_recent_history_exchange',
  'rabbitmq_sharding',
  'rabbitmq_web_dispatch',
]

/** Plugins of RabbitMQ whose features are not here: naming one is no mistake, and enabling it does nothing. */
const absent: readonly string[] = [
  'rabbitmq_amqp1_0',
  'rabbitmq_auth_backend_cache',
  'rabbitmq_auth_backend_http',
  'rabbitmq_auth_backend_ldap',
  'rabbitmq_auth_backend_oauth2',
  'rabbitmq_event_exchange',
  'rabbitmq_federation',
  'rabbitmq_federation_management',
  'rabbitmq_jms_topic_exchange',
  'rabbitmq_mqtt',
  'rabbitmq_peer_discovery_aws',
  'rabbitmq_peer_discovery_common',
  'rabbitmq_peer_discovery_consul',
  'rabbitmq_peer_discovery_etcd',
  'rabbitmq_peer_discovery_k8s',
  'rabbitmq_shovel',
  'rabbitmq_shovel_management',
  'rabbitmq_stomp',
  'rabbitmq_stream',
  'rabbitmq_stream_management',
  'rabbitmq_top',
  'rabbitmq_tracing',
  'rabbitmq_trust_store',
  'rabbitmq_web_mqtt',
  'rabbitmq_web_stomp',
]

/** The commands of rabbitmq-plugins. */
export const pluginCommands: readonly CtlCommand[] = [
  {
    name: 'list',
    group,
    help: 'Lists plugins and their state',
    usage: '[pattern] [--verbose] [--minimal] [--enabled] [--implicitly-enabled]',
    takes: [0, 1],
    banner: ({ args: [pattern = '.*'] }) => `Listing plugins with pattern "${pattern}" ...`,
    run: async (given) => ({ text: list(given) }),
  },
  {
    name: 'enable',
    group,
    help: 'Succeeds: what the plugins of RabbitMQ add is built in, or not there',
    usage: '<plugin1> [ <plugin2>] | --all [--offline] [--online]',
    takes: [0, ANY],
    banner: ({ args }) => `Enabling plugins:\n${args.join('\n')}`,
    run: async ({ args }) => ({ text: switched(args, 'enabled') }),
  },
  {
    name: 'disable',
    group,
    help: 'Succeeds, and disables nothing: what is built in stays',
    usage: '<plugin>|--all [--offline] [--online]',
    takes: [0, ANY],
    banner: ({ args }) => `Disabling plugins:\n${args.join('\n')}`,
    run: async ({ args }) => ({ text: switched(args, 'disabled') }),
  },
  {
    name: 'set',
    group,
    help: 'Succeeds, and changes nothing',
    usage: '[ <plugin1>] [ <plugin2>] [--offline] [--online]',
    takes: [0, ANY],
    run: async ({ args }) => ({ text: switched(args, 'enabled') }),
  },
  {
    name: 'is_enabled',
    group,
    help: 'Exits with a non-zero code where a plugin is not built in',
    usage: '<plugin1> [ <plugin2>] [--offline] [--online]',
    takes: [1, ANY],
    banner: (given) => `Asking if plugin ${arg(given, 0)} is enabled...`,
    run: async ({ args }) => {
      const missing = args.filter((name) => !builtIn.includes(name))
      if (missing.length > 0) {
        throw new CtlError(`Plugin ${missing.join(', ')} is not enabled. Enabled plugins: ${builtIn.join(', ')}`)
      }
      return { text: `Plugin ${args.join(', ')} is enabled` }
    },
  },
  {
    name: 'directories',
    group,
    help: 'Says that there are none',
    usage: '[--offline] [--online]',
    takes: [0, 0],
    run: async () => ({ text: 'Plugins are built in; there are no plugin directories' }),
  },
]

function list({ args: [pattern = '.*'], options }: Given): string {
  const matching = new RegExp(pattern)
  const onlyEnabled = options['enabled'] === true || options['if-empty'] === true
  const names = [...builtIn, ...(onlyEnabled ? [] : absent)].filter((name) => matching.test(name)).sort()
  if (options['minimal'] === true) return names.join('\n')
  const width = Math.max(0, ...names.map((name) => name.length))
  const lines = names.map((name) => `[${builtIn.includes(name) ? 'E*' : '  '}] ${name.padEnd(width)}`.trimEnd())
  return [' Configured: E = built in', ' | Status: * = running', ' |/', ...lines].join('\n')
}

function switched(names: readonly string[], how: string): string {
  const unknown = names.filter((name) => !builtIn.includes(name) && !absent.includes(name))
  if (unknown.length > 0) {
    throw new CtlError(`{:plugins_not_found, [${unknown.map((name) => `:${name}`).join(', ')}]}`, exitCode.software)
  }
  const there = names.filter((name) => builtIn.includes(name))
  const rest = names.filter((name) => !there.includes(name))
  return [
    ...(there.length > 0 ? [`Plugins are built in and stay enabled: ${there.join(', ')}`] : []),
    ...(rest.length > 0 ? [`Not part of this broker, nothing was ${how}: ${rest.join(', ')}`] : []),
    'Plugin configuration unchanged.',
  ].join('\n')
}
