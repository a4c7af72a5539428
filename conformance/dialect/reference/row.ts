// How a row of the behaviour reference is named, and what scenarios prove it.

/**
 * A row: its name, which is also how its scenarios' rows begin; or the name and the beginnings, where they are others
 * (`8.1:immediate` in another section); or the name and, behind an exclamation mark, why no scenario proves it.
 */
export type Row = string | readonly [name: string, ...beginnings: readonly string[]]

/** The rows of each section. */
export type Section = { readonly [section: string]: readonly Row[] }
