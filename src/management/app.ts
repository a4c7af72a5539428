// The HTTP API as one application: who asks, what a route may answer, and the answers that no route gives. The routes
// themselves are in routes/, one file for each noun; this file knows that they are there, and none of them.

import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest, type FastifySchema } from 'fastify'
import { plainAddress } from '../broker/access/loopback.ts'
import { attemptsOf } from './attempts.ts'
import { accesses, authenticate, type Caller, checkGate, type Gate, NOBODY, REALM } from './auth.ts'
import { readBodies } from './body.ts'
import type { ManagementContext } from './context.ts'
import { answerTo, badRequest, type ErrorAnswer, HttpError, objectNotFound } from './errors.ts'
import { Paths } from './paths.ts'
import type { App, Routes } from './route.ts'
import { routes } from './routes/routes.ts'
import { checkWords } from './typed-body.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; nobody on routes that ask for no name. */
    caller: Caller
  }
  interface FastifyContextConfig extends Partial<Gate> {}
}

/** The largest body of a request, octets: a message of the largest size in base64, and some room. */
const BODY_BYTES = 32 * 2 ** 20
/** Names have up to 255 octets, each of which may be escaped; several of them may be joined to one (properties_key). */
const LONGEST_PARAMETER = 16_384

/** The application with all its routes, ready to be asked. */
export async function createApp(context: ManagementContext, more: readonly Routes[] = routes): Promise<App> {
  const app: App = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    routerOptions: { maxParamLength: LONGEST_PARAMETER, ignoreTrailingSlash: true },
    frameworkErrors: (error, _, reply) => void answer(reply, badRequest(error.message)),
    // Texts such as "true" and "10" stand for what they say, as in RabbitMQ; what is not known is not looked at.
    ajv: {
      // `verbose` has errors tell what was expected.
      customOptions: {
        coerceTypes: true,
        removeAdditional: false,
        useDefaults: false,
        allowUnionTypes: true,
        verbose: true,
      },
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  const paths = new Paths()
  app.decorateRequest('caller')
  readBodies(app)
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  app.addHook('onRequest', (request, _, next) => admit(context, request, next))
  app.addHook('preValidation', ({ routeOptions, body }, _, next) => {
    checkWords(routeOptions.schema?.body, body)
    next()
  })
  const { asCaller } = context
  // Once the body is there, since reading it would leave whose work it is behind.
  if (asCaller) {
    app.addHook('preHandler', ({ caller }, _, next) =>
      asCaller({ user: caller.name, address: caller.address }, () => next()),
    )
  }
  app.addHook('onRoute', (route) => {
    paths.add(route.url, route.method)
    checkRoute(route)
  })
  app.addHook('onSend', (_, reply, payload, next) => {
    reply.header('cache-control', 'no-cache')
    next(null, payload)
  })
  app.setErrorHandler((error, request, reply) => fail(context, error, request, reply))
  app.setNotFoundHandler((request, reply) => answerUnknown(paths, request, reply))
  await app.register(swagger, { openapi: openapi(context), transform })
  app.get('/api/openapi.json', { schema: { hide: true }, config: { access: 'none' } }, () => app.swagger())
  for (const add of more) await app.register(async (scope) => add(scope as App, context))
  await app.ready()
  return app
}

function openapi({ node }: ManagementContext) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Leveret',
      description: "RabbitMQ's HTTP API, and Leveret's own routes under /api/leveret",
      version: node.version,
    },
    components: { securitySchemes: { basic: { type: 'http' as const, scheme: 'basic' } } },
    security: [{ basic: [] }],
  }
}

/** Says in the description of a route who may use it. */
function transform({ schema, url, route }: { schema: FastifySchema; url: string; route: { config?: Partial<Gate> } }) {
  const { access, vhost } = route.config ?? {}
  const gate = { 'x-access': access, ...(vhost === undefined ? {} : { 'x-vhost': vhost }) }
  return { schema: { ...schema, ...gate, ...(access === 'none' ? { security: [] } : {}) }, url }
}

/** No route without a schema, and none without a word on who may use it. */
function checkRoute(route: { readonly url: string; readonly schema?: unknown; readonly config?: Partial<Gate> }): void {
  const { access } = route.config ?? {}
  if (!route.schema) throw new Error(`the route ${route.url} has no schema`)
  if (!accesses.some((known) => known === access)) throw new Error(`the route ${route.url} has no access`)
}

function admit(context: ManagementContext, request: FastifyRequest, next: (error?: Error) => void): void {
  const { access, vhost } = request.routeOptions.config as Partial<Gate>
  request.caller = NOBODY
  if (access === undefined || access === 'none') return next()
  const enter = (caller: Caller): void => {
    request.caller = caller
    const named = (request.params as { readonly vhost?: string }).vhost
    checkGate(context, caller, { access, ...(vhost === undefined ? {} : { vhost }) }, named)
    attemptsOf(context).succeeded++
  }
  const refuse = (error: Error): void => {
    // Who says no name has not tried.
    if (request.headers.authorization !== undefined) attemptsOf(context).failed++
    next(error)
  }
  try {
    const caller = authenticate(context, request.headers.authorization, plainAddress(request.ip))
    if (caller instanceof Promise) return void caller.then(enter).then(() => next(), refuse)
    enter(caller)
  } catch (error) {
    return refuse(error as Error)
  }
  next()
}

function fail(context: ManagementContext, error: unknown, { method, url }: FastifyRequest, reply: FastifyReply): void {
  const known = isInvalid(error) ? badRequest(describe(error)) : answerTo(error)
  if (!known) context.logger.error({ err: error, method, url }, 'an HTTP request failed: this is a bug')
  answer(reply, known ?? new HttpError(500, 'internal_server_error', 'the broker could not answer; see its log'))
}

function isInvalid(error: unknown): error is FastifyError {
  return error instanceof Error && 'validation' in error && error.validation !== undefined
}

/** Which field breaks the schema, and what was expected of it. */
function describe({ validation = [], validationContext }: FastifyError): string {
  const [first] = validation
  const where = (first?.instancePath ?? '').split('/').filter((part) => part !== '')
  const what = first === undefined ? '' : expectation(first, validation)
  const part = validationContext ?? 'request'
  const place = where.length === 0 ? `the ${part}` : `'${where.join('.')}' in the ${part}`
  return `${place} ${what}`
}

type Invalid = NonNullable<FastifyError['validation']>[number]

/** What ajv means by an error; it says neither which name is too many, nor which words there are. */
function expectation(error: Invalid, all: readonly Invalid[]): string {
  const { keyword, params, message = '' } = error
  if (keyword === 'required') return `lacks '${params['missingProperty']}'`
  if (keyword === 'const') {
    const words = all.filter((other) => other.keyword === 'const' && other.instancePath === error.instancePath)
    return `must be ${words.map((other) => `'${other.params['allowedValue']}'`).join(' or ')}`
  }
  if (keyword !== 'additionalProperties') return message
  const { parentSchema } = error as { readonly parentSchema?: { readonly properties?: object } }
  const names = Object.keys(parentSchema?.properties ?? {})
  return `has '${params['additionalProperty']}', expected ${names.join(', ')}`
}

function answerUnknown(paths: Paths, { method, url }: FastifyRequest, reply: FastifyReply): void {
  const allowed = paths.methods(url)
  if (allowed.length === 0) return answer(reply, objectNotFound())
  reply.header('allow', [...allowed, 'OPTIONS'].join(', '))
  if (method === 'OPTIONS') void reply.code(200).send()
  else answer(reply, new HttpError(405, 'method_not_allowed', `${method} is not for this: ${allowed.join(', ')} are`))
}

function answer(reply: FastifyReply, { status, error, reason }: ErrorAnswer): void {
  if (status === 401 && error === 'not_authorized') reply.header('www-authenticate', REALM)
  void reply.code(status).type('application/json').send(JSON.stringify({ error, reason }))
}
