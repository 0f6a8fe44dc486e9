import type { CheckPolicy } from '../core/check-state.ts'
import type { Policy } from '../core/verdict.ts'
import type { CheckConfig } from './schema.ts'
import type { ValidConfig } from './validate.ts'

/** A valid configuration. Durations are in milliseconds, sizes in bytes. */
export interface Config extends Omit<ValidConfig, 'listen'> {
  readonly file: string
  readonly listen: readonly string[]
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
})

/** The policy of the verdict that a configuration sets. */
export const policyOf = ({ checks, hold, startup }: Config): Policy => ({
  checks: checks.map(checkPolicyOf),
  holdMs: hold === 'forever' ? Infinity : hold,
  startupHealthyThreshold: startup.healthy_threshold,
})
