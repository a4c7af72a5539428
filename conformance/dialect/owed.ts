// What our broker does not have yet, by the rows that show it: each must fail as long as it is listed here, and whoever
// builds it takes its lines away. Names are section and row, as the report prints them.

const lists: { readonly [what: string]: readonly string[] } = {
  'length limits': ['9.2 drop-head with priorities'],
  priorities: ['9.3 classic with x-max-priority', '9.3 requeue', '9.3 consumers', '9.3 n=0', '9.3 quorum'],
  'x-delayed-message': [
    '5.9 x-delayed-type missing',
    '5.9 x-delayed-type not a string',
    '5.9 x-delayed-type x-delayed-message',
    '5.9 x-delayed-type unknown',
    '5.9 publish',
    '5.9 order by due time',
    '5.9 x-delay of other types',
    '5.9 no delay',
    '5.9 bindings of that moment',
    '5.9 mandatory',
    '5.9 any wrapped type',
    '5.9 redeclare',
  ],
  limits: [
    '2.6 vhost connection limit',
    '2.6 user connection limit',
    '13.2 vhost max-queues 0',
    '13.2 vhost max-connections 0',
  ],
  administration: ['2.8 user deleted', '2.8 vhost deleted'],
  'the rest': ['4 per-user channel limit'],
  'validation of queue arguments': ['6.1 vhost queue limit'],
}

/** What is owed, by section and row. */
export const owed: ReadonlyMap<string, string> = new Map(
  Object.entries(lists).flatMap(([what, rows]) => rows.map((row) => [row, what] as const)),
)
