// What a route of the HTTP API is: the application that it is added to, and what it says of who may use it. Types only.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { ManagementContext } from './context.ts'

/** The application that routes are added to. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

/** Adds the routes of one noun. */
export type Routes = (app: App, context: ManagementContext) => void | Promise<void>
