// /api/definitions: a broker, or a vhost, written down as RabbitMQ does it, and made of what was written down: all of it,
// or nothing. What is in a document is for definitions/ to say.

import multipart from '@fastify/multipart'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { existingVhost } from '../auth.ts'
import { checkCharacters } from '../body.ts'
import type { ManagementContext } from '../context.ts'
import { differenceView } from '../definitions/difference.ts'
import { exportBroker, exportVhost } from '../definitions/export.ts'
import { readDefinitions, sections } from '../definitions/read.ts'
import { badRequest } from '../errors.ts'
import type { JsonObject } from '../field-json.ts'
import type { App } from '../route.ts'
import { type Answers, answers, done } from '../schemas.ts'

const tags = ['definitions']
const admin = { access: 'administrator' } as const
const inVhost = Type.Object({ vhost: Type.String() })
const downloadQuery = Type.Object({
  download: Type.Optional(Type.String({ description: 'The name of the file that a browser is to keep it in' })),
})
const importQuery = Type.Object({
  dry_run: Type.Optional(Type.Boolean({ description: 'Change nothing; answer with what would change' })),
  report: Type.Optional(Type.Boolean({ description: 'Answer with what has changed' })),
})
const item = Type.Record(Type.String(), Type.Unknown())
const definitionsSchema = Type.Object({
  rabbit_version: Type.Optional(Type.String()),
  rabbitmq_version: Type.Optional(Type.String()),
  product_name: Type.Optional(Type.String()),
  product_version: Type.Optional(Type.String()),
  ...Object.fromEntries(sections.map((section) => [section, Type.Optional(Type.Array(item))])),
})
const differenceSchema = Type.Object({
  created: Type.Array(item),
  changed: Type.Array(item),
  ignored: Type.Array(item, { description: 'What stays as it is, because it cannot be changed while it is there' }),
  unchanged: Type.Integer({ minimum: 0 }),
})
const imported: Answers = { ...answers(differenceSchema), 204: done[204] ?? Type.Null() }
/** What is wrong with a document is told by its place, all at once: no schema does that. */
const document = Type.Unknown({ description: 'Definitions, as JSON or as a form with a `file`' })
/** Octets of an uploaded file: as many as any body may have. */
const FILE_BYTES = 32 * 2 ** 20

/** Adds /api/definitions. */
export async function definitionRoutes(app: App, context: ManagementContext): Promise<void> {
  await app.register(multipart, { limits: { fileSize: FILE_BYTES, files: 1 } })
  const { broker, node } = context
  const versions = { rabbit: broker.dialect.version, product: node.version }
  const exported = { tags, querystring: downloadQuery, response: answers(definitionsSchema) }
  const adopted = { tags, querystring: importQuery, body: document, response: imported }
  app.get(
    '/api/definitions',
    { config: admin, schema: { ...exported, summary: 'All that is declared or set' } },
    ({ query }, reply) => download(query.download, reply).send(exportBroker(broker, versions)),
  )
  app.get(
    '/api/definitions/:vhost',
    { config: admin, schema: { ...exported, summary: 'All that is declared or set in a vhost', params: inVhost } },
    ({ query, params }, reply) =>
      download(query.download, reply).send(exportVhost(existingVhost(context, params.vhost), versions)),
  )
  app.post(
    '/api/definitions',
    { config: admin, schema: { ...adopted, summary: 'Make definitions true: all, or none' } },
    async (request, reply) => adopt(context, request, request.query, null, reply),
  )
  app.post(
    '/api/definitions/:vhost',
    { config: admin, schema: { ...adopted, summary: 'Make definitions true in a vhost', params: inVhost } },
    async (request, reply) => {
      const { name } = existingVhost(context, request.params.vhost)
      return adopt(context, request, request.query, name, reply)
    },
  )
}

async function adopt(
  { broker, logger }: ManagementContext,
  request: FastifyRequest,
  { dry_run: dryRun = false, report = false }: { readonly dry_run?: boolean; readonly report?: boolean },
  vhost: string | null,
  reply: FastifyReply,
): Promise<JsonObject | FastifyReply> {
  const json = request.isMultipart() ? await uploaded(request) : request.body
  const difference = await broker.adoption.adopt(readDefinitions(json, vhost), dryRun)
  const { changes, ignored } = difference
  if (!dryRun) {
    const { name: user } = request.caller
    logger.info({ user, changes: changes.length, ignored: ignored.length }, 'definitions were imported')
  }
  return dryRun || report ? differenceView(difference) : reply.code(204).send()
}

/** The document in the part of a form that is called `file`. */
async function uploaded(request: FastifyRequest): Promise<unknown> {
  for await (const part of request.parts()) {
    // Every part has to be read, or the next one never comes.
    const text = part.type === 'file' ? (await part.toBuffer()).toString('utf8') : String(part.value)
    if (part.fieldname !== 'file') continue
    const json = parsed(text)
    checkCharacters(text, json)
    return json
  }
  throw badRequest('file: is missing; expected a form with a file of definitions')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badRequest(`file: is not JSON (${error instanceof Error ? error.message : error})`)
  }
}

/** Names the file that a browser keeps the answer in. */
function download(name: string | undefined, reply: FastifyReply): FastifyReply {
  if (name === undefined) return reply
  return reply.header('content-disposition', `attachment; filename="${name.replace(/[^\w.@ -]/g, '_')}"`)
}
