import type { CheckPolicy } from '../core/check-state.ts'
import type { Policy } from '../core/verdict.ts'
import type { CheckConfig } from './schema.ts'
import type { ValidConfig } from './validate.ts'

/** A configuration that can be used. Durations are in milliseconds, sizes in bytes. */
export interface Config extends Omit<ValidConfig, 'listen'> {
  readonly file: string
  readonly listen: readonly string[]
  /** The file as it is in force: defaults filled in, secrets masked. */
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

/** The rules of the verdict as a configuration sets them. */
export const policyOf = ({ checks, hold, startup }: Config): Policy => ({
  checks: checks.map(checkPolicyOf),
  holdMs: hold === 'forever' ? Infinity : hold,
  startupHealthyThreshold: startup.healthy_threshold,
})
