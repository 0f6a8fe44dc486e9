import { looksAtShared } from '../checks/create-checks.ts'
import type { CheckPolicy } from '../core/check-state.ts'
import type { Policy } from '../core/verdict.ts'
import type { CheckConfig } from './check-schemas.ts'
import type { ValidConfig } from './validate.ts'

/** A valid configuration. Durations are in milliseconds, sizes in bytes. */
export interface Config extends Omit<ValidConfig, 'listen'> {
  readonly file: string
  /** The app's name, on a host with several. */
  readonly app?: string
  readonly listen: readonly string[]
  /** Those of `listen` whose connections must begin with a PROXY protocol header. */
  readonly proxied: readonly string[]
  /** What it gives up, for an operator: told in `config`, in `status` and once in the log. */
  readonly warnings: readonly string[]
  /** The configuration to print: defaults filled in, secrets masked. */
  readonly shown: unknown
}

const checkPolicyOf = (check: CheckConfig): CheckPolicy => ({
  name: check.name,
  intervalMs: check.interval,
  freshForMs: check.fresh_for,
  timeoutMs: check.timeout,
  healthyThreshold: check.healthy_threshold,
  unhealthyThreshold: check.unhealthy_threshold,
  required: check.required !== false,
  gate: check.gate,
  dependsOn: check.depends_on,
  shared: check.shared ?? looksAtShared(check),
})

/** A hold that ends is stretched by up to this share of it, so that the hosts of a fleet do not end theirs together. */
const HOLD_SPREAD = 0.2

/**
 * The policy of the verdict that a configuration sets. `spread` is from 0 to 1 and belongs to the host. A single `hold` is
 * the limit of a local `unknown`: a shared or a busy one then holds for as long as it lasts.
 */
export const policyOf = ({ checks, hold, startup, peers }: Config, { spread = 0 } = {}): Policy => {
  const limits =
    typeof hold === 'object' ? hold : ({ local: hold, shared: 'forever', busy: 'forever' } as const)
  const limitMs = (limit: number | 'forever'): number =>
    limit === 'forever' ? Infinity : Math.round(limit * (1 + HOLD_SPREAD * spread))
  return {
    checks: checks.map(checkPolicyOf),
    holdMs: {
      local: limitMs(limits.local),
      shared: limitMs(limits.shared),
      busy: limitMs(limits.busy),
    },
    startupHealthyThreshold: startup.healthy_threshold,
    ...(peers !== undefined && { asksPeers: true }),
  }
}
