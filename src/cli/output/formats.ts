// The formats that answers can be printed in. Knows no command, and nothing of how each is written.

/** Names of the formats. */
export const formats = ['table', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'tsv', 'name'] as const

/** A format's name. */
export type OutputFormat = (typeof formats)[number]
