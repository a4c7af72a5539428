// What our broker does not have yet, by the rows that show it: each must fail as long as it is listed here, and whoever
// builds it takes its lines away. Names are section and row, as the report prints them.

const lists: { readonly [what: string]: readonly string[] } = {
  'time to live': [
    '9.1 effective TTL: expiration',
    '9.1 effective TTL: x-message-ttl',
    '9.1 effective TTL: x-message-ttl alone',
    '9.1 classic: head only',
    '9.1 expired messages',
    '9.1 TTL 0 without consumer',
    '9.1 TTL 0 with a consumer',
    '9.1 expiration "0" without consumer',
    '9.1 requeued message',
  ],
  'length limits': [
    '9.2 drop-head',
    '9.2 drop-head, both limits',
    '9.2 unacked not counted',
    '9.2 drop-head acked',
    '9.2 max-length 0',
    '9.2 max-length 0 acked',
    '9.2 max-length-bytes',
    '9.2 requeue over the limit',
    '9.2 drop-head with priorities',
    '9.2 reject-publish',
    '9.2 reject-publish without confirms',
    '9.2 reject-publish, mandatory',
    '9.2 reject-publish-dlx',
    '9.2 reject-publish-dlx, confirms',
    '9.2 max-length-bytes, reject-publish',
    '8.2 rejected by any queue',
    '8.3 publish rejected during commit',
  ],
  priorities: ['9.3 classic with x-max-priority', '9.3 requeue', '9.3 consumers', '9.3 n=0'],
  'dead-lettering': [
    '9.4 reason rejected: reject',
    '9.4 reason rejected: nack',
    '9.4 reason rejected: nack multiple',
    '9.4 not dead-lettered: queue expiry',
    '9.4 dead letters in a transaction',
    '9.4 target: exchange and own key',
    '9.4 target: dead-letter routing key',
    '9.4 target: CC and BCC',
    '9.4 with a routing key set, CC',
    '9.4 target: alternate exchange',
    '9.4 target: fanout',
    '9.4 not confirmed',
    '9.4 cycle detection: TTL queue to itself',
    '9.4 cycle detection: rejected',
    '9.4 cycle detection: reject, TTL queue, back',
    '9.4 cycle detection: two TTL queues',
    '9.5 entry fields',
    '9.5 original-expiration',
    '9.5 client-published x-death',
    '9.5 redelivered in the dead-letter queue',
    '9.5 several deaths',
  ],
}

/** What is owed, by section and row. */
export const owed: ReadonlyMap<string, string> = new Map(
  Object.entries(lists).flatMap(([what, rows]) => rows.map((row) => [row, what] as const)),
)
