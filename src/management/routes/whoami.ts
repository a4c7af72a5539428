// /api/whoami: who asks, as the broker knows them. Knows nothing of what they may do.

import { Type } from '@fastify/type-provider-typebox'
import { columnsQuery, withColumns } from '../listing.ts'
import type { App } from '../route.ts'
import { answers } from '../schemas.ts'

const whoami = Type.Object({ name: Type.String(), tags: Type.Array(Type.String()) })

/** Adds /api/whoami. */
export function whoamiRoutes(app: App): void {
  app.get(
    '/api/whoami',
    {
      config: { access: 'management' },
      schema: { tags: ['users'], summary: 'Who asks', querystring: columnsQuery, response: answers(whoami) },
    },
    ({ caller, query }) => withColumns(query, { name: caller.name, tags: caller.tags }),
  )
}
