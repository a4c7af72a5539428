// The control API of a test broker, /api/leveret/test: what a test in another process, or another language, does with it.
// It is there with a test broker only, and asks for no name: the broker is on loopback, and holds nothing but tests.

import type { Routes } from '../../management/route.ts'
import type { TestBroker } from '../test-broker.ts'
import { brokerRoutes } from './broker-routes.ts'
import { insideRoutes } from './inside-routes.ts'
import { vhostRoutes } from './vhost-routes.ts'

/** All routes of the control API for `broker`. */
export function controlRoutes(broker: TestBroker): readonly Routes[] {
  return [brokerRoutes(broker), vhostRoutes(broker), insideRoutes(broker)]
}
