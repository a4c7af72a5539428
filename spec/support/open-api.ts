// What the HTTP API says of itself, as specs that go over all of it need it.

import type { Api, Asked } from './api.ts'

/** A schema as OpenAPI writes it. */
// biome-ignore lint/suspicious/noExplicitAny: any JSON schema
export type Schema = any

/** A route. */
export interface Operation {
  readonly method: NonNullable<Asked['method']>
  /** With names in braces. */
  readonly path: string
  readonly access: string
  readonly vhost: string | undefined
  readonly params: readonly string[]
  readonly query: readonly { readonly name: string; readonly schema: Schema }[]
  readonly body: Schema | undefined
  readonly responses: Readonly<Record<string, Schema>>
}

/** All routes, in the order of their paths. */
export async function operationsOf(api: Api): Promise<readonly Operation[]> {
  const { body } = await api.ask('/api/openapi.json', { as: null })
  return Object.entries<Schema>(body.paths).flatMap(([path, methods]) =>
    Object.entries<Schema>(methods).map(([method, operation]) => {
      const parameters: readonly Schema[] = operation.parameters ?? []
      const content: Schema = Object.values(operation.requestBody?.content ?? {})[0]
      return {
        method: method.toUpperCase() as Operation['method'],
        path,
        access: operation['x-access'],
        vhost: operation['x-vhost'],
        params: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string),
        query: parameters.filter(({ in: place }) => place === 'query'),
        body: content?.schema,
        responses: operation.responses,
      }
    }),
  )
}

/** The path of an operation with these in place of the names, escaped. */
export function filled(path: string, value: (name: string) => string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(value(name)))
}
