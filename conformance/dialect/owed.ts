// What our broker does not have yet, by the rows that show it: each must fail as long as it is listed here, and whoever
// builds it takes its lines away. Names are section and row, as the report prints them.

const lists: { readonly [what: string]: readonly string[] } = {}

/** What is owed, by section and row. */
export const owed: ReadonlyMap<string, string> = new Map(
  Object.entries(lists).flatMap(([what, rows]) => rows.map((row) => [row, what] as const)),
)
