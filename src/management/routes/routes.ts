// All routes of the HTTP API, by noun: the list that the application is made of. Nothing but the list lives here.

import type { Routes } from '../route.ts'
import { definitionRoutes } from './definitions.ts'
import { parameterRoutes } from './parameters.ts'
import { userRoutes } from './users.ts'
import { vhostRoutes } from './vhosts.ts'
import { whoamiRoutes } from './whoami.ts'

/** Every noun's routes. */
export const routes: readonly Routes[] = [whoamiRoutes, vhostRoutes, userRoutes, parameterRoutes, definitionRoutes]
