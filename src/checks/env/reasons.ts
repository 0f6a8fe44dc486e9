import type { Finding, Problem } from '../../core/finding.ts'
import type { GeneralReason } from '../../core/reason.ts'

/** The reason codes of the check type `env`. */
export const envReasons = [
  'ENV_FILE_MISSING',
  'ENV_FILE_UNREADABLE',
  'ENV_FILE_MALFORMED',
  'ENV_VARIABLE_MISSING',
  'ENV_VARIABLE_EMPTY',
  'ENV_VARIABLE_PLACEHOLDER',
  'ENV_VARIABLE_INVALID',
  'ENV_VARIABLE_UNKNOWN',
  'ENV_VARIABLE_NOT_EXPORTED',
  'ENV_SCHEMA_UNREADABLE',
  'ENV_SCHEMA_SLOW',
  'ENV_PROCESS_NOT_FOUND',
  'ENV_PROCESS_REUSED',
  'ENV_PROCESS_UNREADABLE',
  'ENV_PROCESS_OVERWRITTEN',
  'ENV_PROCESS_VARIABLE_MISSING',
  'ENV_PROCESS_OUTDATED',
  'ENV_PROCESS_DIFFERS',
] as const

export type EnvReason = (typeof envReasons)[number]
type Reason = EnvReason | GeneralReason

export type EnvProblem = Problem<Reason>
export type EnvFinding = Finding<Reason>
