// What answers about connections, channels and consumers are made of. What they describe is made in peers.ts.

import { Type } from '@fastify/type-provider-typebox'
import { rateSchema } from '../schemas.ts'

const text = Type.String()
const count = Type.Number()
const yes = Type.Boolean()
const collections = Type.Record(text, count)
const orNull = Type.Union([text, Type.Null()])

/** A connection. */
export const connectionSchema = Type.Object({
  ...{ name: text, node: text, user: text, user_who_performed_action: text, vhost: text, state: text, type: text },
  ...{ protocol: text, auth_mechanism: text, host: text, port: count, peer_host: text, peer_port: count },
  ...{ ssl: yes, ssl_protocol: orNull, ssl_key_exchange: orNull, ssl_cipher: orNull, ssl_hash: orNull },
  ...{ peer_cert_subject: orNull, peer_cert_issuer: orNull, peer_cert_validity: orNull },
  ...{ channels: count, channel_max: count, frame_max: count, timeout: count, connected_at: count },
  client_properties: Type.Record(text, Type.Unknown()),
  user_provided_name: Type.Optional(text),
  ...{ recv_cnt: count, send_cnt: count, send_pend: count, recv_oct: count, send_oct: count },
  ...{ recv_oct_details: rateSchema, send_oct_details: rateSchema },
  ...{ reductions: count, reductions_details: rateSchema, garbage_collection: collections },
})

/** A channel. */
export const channelSchema = Type.Object({
  ...{ name: text, number: count, node: text, user: text, user_who_performed_action: text, vhost: text, state: text },
  ...{ confirm: yes, transactional: yes, prefetch_count: count, global_prefetch_count: count, consumer_count: count },
  ...{ messages_unacknowledged: count, messages_unconfirmed: count, messages_uncommitted: count },
  ...{ acks_uncommitted: count, pending_raft_commands: count },
  connection_details: Type.Object({ name: text, peer_host: text, peer_port: count }),
  message_stats: Type.Optional(Type.Record(text, Type.Unknown())),
  ...{ reductions: count, reductions_details: rateSchema, garbage_collection: collections },
})

/** Where a channel is. */
export const channelDetailsSchema = Type.Object({
  ...{ connection_name: text, name: text, node: text, number: count, peer_host: text, peer_port: count, user: text },
})

/** A consumer. */
export const consumerSchema = Type.Object({
  arguments: Type.Record(text, Type.Unknown()),
  ...{ ack_required: yes, active: yes, activity_status: text, consumer_tag: text, exclusive: yes },
  channel_details: channelDetailsSchema,
  prefetch_count: count,
  queue: Type.Object({ name: text, vhost: text }),
  ...{ consumer_timeout: Type.Unknown(), unacked: count, delivered: count, acked: count },
})
