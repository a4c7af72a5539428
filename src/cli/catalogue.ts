// All commands by name, in the groups that help shows them in. A command's own file is imported when it is wanted, so that
// adding one costs the others nothing. Knows names and summaries only.

import type { Noun, Verb } from './command.ts'
import { compatNames } from './compat/names.ts'
import { messageCommands } from './messages/catalogue.ts'

/** A command that is one, before it is loaded. */
export interface Entry {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly group: string
  readonly summary: string
  readonly load: () => Promise<Noun | Verb>
}

const TOPOLOGY = 'What there is:'
const ACCESS = 'Who may do what:'
const LIVE = 'What goes on:'
const TOOLS = 'This command line:'
const COMPATIBLE = "RabbitMQ's own command lines:"

/** The commands beside those of the server (`serve`, `check`), in the order of help. */
export const catalogue: readonly Entry[] = [
  {
    name: 'queues',
    aliases: ['queue'],
    group: TOPOLOGY,
    summary: 'list, show, declare, delete and purge queues',
    load: async () => (await import('./nouns/queues.ts')).queues,
  },
  {
    name: 'exchanges',
    aliases: ['exchange'],
    group: TOPOLOGY,
    summary: 'list, show, declare and delete exchanges',
    load: async () => (await import('./nouns/exchanges.ts')).exchanges,
  },
  {
    name: 'bindings',
    aliases: ['binding'],
    group: TOPOLOGY,
    summary: 'list, declare and delete bindings',
    load: async () => (await import('./nouns/bindings.ts')).bindings,
  },
  {
    name: 'vhosts',
    aliases: ['vhost'],
    group: TOPOLOGY,
    summary: 'list, show, add and delete virtual hosts',
    load: async () => (await import('./nouns/vhosts.ts')).vhosts,
  },
  {
    name: 'policies',
    aliases: ['policy'],
    group: TOPOLOGY,
    summary: 'list, show, set and delete policies',
    load: async () => (await import('./nouns/policies.ts')).policies,
  },
  {
    name: 'operator-policies',
    aliases: ['operator-policy'],
    group: TOPOLOGY,
    summary: 'the same for operator policies',
    load: async () => (await import('./nouns/policies.ts')).operatorPolicies,
  },
  {
    name: 'parameters',
    aliases: ['parameter'],
    group: TOPOLOGY,
    summary: 'list, set and delete runtime parameters',
    load: async () => (await import('./nouns/parameters.ts')).parameters,
  },
  {
    name: 'definitions',
    group: TOPOLOGY,
    summary: 'export, import, compare and validate all of it',
    load: async () => (await import('./nouns/definitions.ts')).definitions,
  },
  {
    name: 'topology',
    group: TOPOLOGY,
    summary: 'draw a vhost as a tree, for Graphviz or for Mermaid',
    load: async () => (await import('./nouns/topology.ts')).topology,
  },
  {
    name: 'route',
    group: TOPOLOGY,
    summary: 'explain which queues a message would reach',
    load: async () => (await import('./nouns/route.ts')).route,
  },
  {
    name: 'users',
    aliases: ['user'],
    group: ACCESS,
    summary: 'list, show, add and delete users; passwords and tags',
    load: async () => (await import('./nouns/users.ts')).users,
  },
  {
    name: 'permissions',
    aliases: ['permission'],
    group: ACCESS,
    summary: 'list, set and clear permissions',
    load: async () => (await import('./nouns/permissions.ts')).permissions,
  },
  {
    name: 'topic-permissions',
    aliases: ['topic-permission'],
    group: ACCESS,
    summary: 'the same for routing keys of topic exchanges',
    load: async () => (await import('./nouns/permissions.ts')).topicPermissions,
  },
  {
    name: 'limits',
    aliases: ['limit'],
    group: ACCESS,
    summary: 'list, set and clear limits of vhosts and users',
    load: async () => (await import('./nouns/limits.ts')).limits,
  },
  {
    name: 'status',
    group: LIVE,
    summary: 'how the broker is, in a few lines',
    load: async () => (await import('./nouns/status.ts')).status,
  },
  {
    name: 'overview',
    group: LIVE,
    summary: 'what the API says of the broker as a whole',
    load: async () => (await import('./nouns/status.ts')).overview,
  },
  {
    name: 'health',
    group: LIVE,
    summary: 'checks with a yes or a no: ready, live, alarms, port, cert and more',
    load: async () => (await import('./nouns/health.ts')).health,
  },
  {
    name: 'connections',
    aliases: ['connection'],
    group: LIVE,
    summary: 'list, show and close connections',
    load: async () => (await import('./nouns/connections.ts')).connections,
  },
  {
    name: 'channels',
    aliases: ['channel'],
    group: LIVE,
    summary: 'list and show channels',
    load: async () => (await import('./nouns/connections.ts')).channels,
  },
  {
    name: 'consumers',
    aliases: ['consumer'],
    group: LIVE,
    summary: 'list consumers',
    load: async () => (await import('./nouns/connections.ts')).consumers,
  },
  {
    name: 'lag',
    group: LIVE,
    summary: 'how far the consumers of each queue are behind',
    load: async () => (await import('./nouns/lag.ts')).lag,
  },
  {
    name: 'top',
    group: LIVE,
    summary: 'watch the busiest queues',
    load: async () => (await import('./nouns/top.ts')).top,
  },
  {
    name: 'events',
    group: LIVE,
    summary: 'print what happens, as it happens',
    load: async () => (await import('./nouns/events.ts')).events,
  },
  {
    name: 'doctor',
    group: LIVE,
    summary: 'find what is odd about a broker that works',
    load: async () => (await import('./nouns/doctor.ts')).doctor,
  },
  ...messageCommands,
  {
    name: 'contexts',
    aliases: ['context'],
    group: TOOLS,
    summary: 'brokers with a name, for --context',
    load: async () => (await import('./nouns/contexts.ts')).contexts,
  },
  {
    name: 'completion',
    group: TOOLS,
    summary: 'a completion script for bash, zsh, fish or pwsh',
    load: async () => (await import('./nouns/completion.ts')).completion,
  },
  ...compatNames.map((name) => ({
    name,
    group: COMPATIBLE,
    summary: `in the grammar of RabbitMQ's ${name}`,
    load: async () => (await import('./compat/verb.ts')).compatVerb(name),
  })),
]

/** The entry of a name or alias. */
export function entryOf(name: string): Entry | undefined {
  return catalogue.find((entry) => entry.name === name || entry.aliases?.includes(name))
}
