// What our broker does not have yet, by the rows that show it: each must fail as long as it is listed here, and whoever
// builds it takes its lines away. Names are section and row, as the report prints them.

const lists: { readonly [what: string]: readonly string[] } = {
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
}

/** What is owed, by section and row. */
export const owed: ReadonlyMap<string, string> = new Map(
  Object.entries(lists).flatMap(([what, rows]) => rows.map((row) => [row, what] as const)),
)
