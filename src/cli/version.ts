// The version of this package, as package.json has it.

import { readFileSync } from 'node:fs'

/** Reads Leveret's version, such as `0.1.0`. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String((manifest as { readonly version: unknown }).version)
}
