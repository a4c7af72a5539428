// rabbitmqctl's lists of queues, exchanges, bindings, connections, channels and consumers: which columns there are, which
// are printed when none is named, and where each stands in what the HTTP API answers.

import { exitCode } from '../../exit-codes.ts'
import type { Row } from '../../http.ts'
import { ANY, type CtlCommand, columnsOf } from './command.ts'
import { CtlError } from './ctl-error.ts'

interface ListShape {
  readonly name: string
  readonly help: string
  readonly usage: string
  readonly columns: readonly string[]
  readonly initial: readonly string[]
  readonly banner: (vhost: string) => string
  /** Where the API lists them. */
  readonly path: (vhost: string) => readonly string[]
  /** A row of the API with the columns' names. */
  readonly row?: (row: Row) => Row
}

const inVhost = '[--vhost <vhost>] [--no-table-headers] [<column> ...] [--timeout <timeout>]'

const shapes: readonly ListShape[] = [
  {
    name: 'list_queues',
    help: 'Lists queues and their properties',
    usage:
      '[--vhost <vhost>] [--online] [--offline] [--local] [--no-table-headers] [<column>, ...] [--timeout <timeout>]',
    columns:
      words(`arguments auto_delete consumer_capacity consumer_utilisation consumers disk_reads disk_writes durable
      exclusive exclusive_consumer_pid exclusive_consumer_tag head_message_timestamp leader members memory message_bytes
      message_bytes_persistent message_bytes_ram message_bytes_ready message_bytes_unacknowledged messages
      messages_persistent messages_ram messages_ready messages_ready_ram messages_unacknowledged
      messages_unacknowledged_ram name online owner_pid pid policy slave_pids state synchronised_slave_pids type
      effective_policy_definition operator_policy vhost`),
    initial: ['name', 'messages'],
    banner: (vhost) => `Listing queues for vhost ${vhost} ...`,
    path: (vhost) => ['queues', vhost],
  },
  {
    name: 'list_exchanges',
    help: 'Lists exchanges',
    usage: inVhost,
    columns: words('arguments auto_delete durable internal name policy type'),
    initial: ['name', 'type'],
    banner: (vhost) => `Listing exchanges for vhost ${vhost} ...`,
    path: (vhost) => ['exchanges', vhost],
  },
  {
    name: 'list_bindings',
    help: 'Lists all bindings on a vhost',
    usage: inVhost,
    columns: words('arguments destination_kind destination_name routing_key source_kind source_name'),
    initial: ['source_name', 'source_kind', 'destination_name', 'destination_kind', 'routing_key', 'arguments'],
    banner: (vhost) => `Listing bindings for vhost ${vhost}...`,
    path: (vhost) => ['bindings', vhost],
    row: (row) => ({
      ...row,
      source_name: row['source'],
      source_kind: 'exchange',
      destination_name: row['destination'],
      destination_kind: row['destination_type'],
    }),
  },
  {
    name: 'list_connections',
    help: 'Lists AMQP 0.9.1 connections for the node',
    usage: '[--no-table-headers] [<column> ...] [--timeout <timeout>]',
    columns:
      words(`auth_mechanism channel_max channels client_properties connected_at frame_max host name peer_cert_issuer
      peer_cert_subject peer_cert_validity peer_host peer_port pid port protocol recv_cnt recv_oct send_cnt send_oct
      send_pend ssl ssl_cipher ssl_hash ssl_key_exchange ssl_protocol state timeout user vhost`),
    initial: ['user', 'peer_host', 'peer_port', 'state'],
    banner: () => 'Listing connections ...',
    path: () => ['connections'],
    row: (row) => ({ ...row, pid: row['name'] }),
  },
  {
    name: 'list_channels',
    help: 'Lists all channels in the node',
    usage: '[--no-table-headers] [<column> ...]',
    columns: words(`acks_uncommitted confirm connection consumer_count global_prefetch_count messages_unacknowledged
      messages_uncommitted messages_unconfirmed name number pid prefetch_count transactional user vhost`),
    initial: ['pid', 'user', 'consumer_count', 'messages_unacknowledged'],
    banner: () => 'Listing channels ...',
    path: () => ['channels'],
    row: (row) => ({ ...row, pid: row['name'], connection: part(row['connection_details'], 'name') }),
  },
  {
    name: 'list_consumers',
    help: 'Lists all consumers for a vhost',
    usage: inVhost,
    columns: words('ack_required active activity_status arguments channel_pid consumer_tag prefetch_count queue_name'),
    initial: words('queue_name channel_pid consumer_tag ack_required prefetch_count active arguments'),
    banner: (vhost) => `Listing consumers in vhost ${vhost} ...`,
    path: (vhost) => ['consumers', vhost],
    row: (row) => ({
      ...row,
      queue_name: part(row['queue'], 'name'),
      channel_pid: part(row['channel_details'], 'name'),
    }),
  },
]

/** The commands that list. */
export const listCommands: readonly CtlCommand[] = [
  ...shapes.map(lister),
  {
    name: 'list_unresponsive_queues',
    group: 'Monitoring, observability and health checks',
    help: 'Tests queues to respond within timeout. Lists those which did not respond',
    usage: '[--local] [--queue-timeout <queue-timeout>] [<column> ...] [--timeout <timeout>]',
    takes: [0, ANY],
    banner: ({ vhost }) => `Listing unresponsive queues for vhost ${vhost} ...`,
    run: async () => ({ columns: ['name'], rows: [] }),
  },
]

function lister({ name, help, usage, columns, initial, banner, path, row }: ListShape): CtlCommand {
  return {
    name,
    group: name === 'list_queues' ? 'Queues' : 'Monitoring, observability and health checks',
    help,
    usage,
    takes: [0, ANY],
    columns,
    banner: ({ vhost }) => banner(vhost),
    run: async (given, broker) => {
      const chosen = columnsOf({ columns }, given, initial)
      if (given.options['offline'] === true) return { columns: chosen, rows: [] }
      const names = path(given.vhost)
      const missing = new CtlError(`Virtual host '${given.vhost}' does not exist`, exitCode.data)
      const rows = await broker.list(names, names.length > 1 ? { 404: missing } : {})
      return { columns: chosen, rows: row ? rows.map(row) : rows }
    },
  }
}

function words(text: string): readonly string[] {
  return text.split(/\s+/)
}

function part(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Row)[key] : undefined
}
