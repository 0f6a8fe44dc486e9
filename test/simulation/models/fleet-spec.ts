import type { HealthCheck } from '../../support/load-balancer-rules.ts'
import type { AppSpec } from './app-spec.ts'

/** How a fleet is built. */
export interface FleetSpec {
  readonly hosts: number
  readonly nodes: number
  readonly check: HealthCheck
  readonly app: AppSpec
  /** Users' requests per second and host. */
  readonly ratePerHost: number
  readonly group: { readonly checkIntervalMs: number; readonly gracePeriodMs: number }
  /** From a launch to an app that answers. */
  readonly bootMs: number
}
