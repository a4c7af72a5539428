// All routes of the HTTP API, by noun: the list that the application is made of. Nothing but the list lives here.

import type { Routes } from '../route.ts'
import { attemptRoutes } from './attempts.ts'
import { bindingRoutes } from './bindings.ts'
import { clusterRoutes } from './cluster.ts'
import { channelRoutes, connectionRoutes, consumerRoutes } from './connections.ts'
import { definitionRoutes } from './definitions.ts'
import { exchangeRoutes } from './exchanges.ts'
import { healthRoutes } from './health.ts'
import { insightRoutes } from './insight.ts'
import { limitRoutes } from './limits.ts'
import { messageRoutes } from './messages.ts'
import { overviewRoutes } from './overview.ts'
import { parameterRoutes } from './parameters.ts'
import { permissionRoutes } from './permissions.ts'
import { policyRoutes } from './policies.ts'
import { queueChangeRoutes } from './queue-changes.ts'
import { queueRoutes } from './queues.ts'
import { topicPermissionRoutes } from './topic-permissions.ts'
import { userRoutes } from './users.ts'
import { vhostRoutes } from './vhosts.ts'
import { whoamiRoutes } from './whoami.ts'

/** Every noun's routes. */
export const routes: readonly Routes[] = [
  whoamiRoutes,
  overviewRoutes,
  connectionRoutes,
  channelRoutes,
  consumerRoutes,
  healthRoutes,
  vhostRoutes,
  userRoutes,
  permissionRoutes,
  topicPermissionRoutes,
  exchangeRoutes,
  queueRoutes,
  queueChangeRoutes,
  bindingRoutes,
  policyRoutes,
  limitRoutes,
  clusterRoutes,
  attemptRoutes,
  parameterRoutes,
  definitionRoutes,
  messageRoutes,
  insightRoutes,
]
