import type { Problem } from '../core/finding.ts'

/** Why a database gave no answer, for every check that queries one. */
export const databaseReasons = [
  'DATABASE_URL_UNKNOWN',
  'DATABASE_PARAMETER_UNKNOWN',
  'DATABASE_SLOW',
  'DATABASE_REFUSED',
  'DATABASE_UNREACHABLE',
  'DATABASE_TIMED_OUT',
  'DATABASE_NOT_READY',
  'DATABASE_TOO_MANY_CONNECTIONS',
  'DATABASE_AUTHENTICATION_FAILED',
  'DATABASE_LOGIN_UNSAFE',
  'DATABASE_DOES_NOT_EXIST',
  'DATABASE_PERMISSION_DENIED',
  'DATABASE_TLS_FAILED',
  'DATABASE_ANSWER_INVALID',
  'DATABASE_ANSWER_TOO_LARGE',
  'DATABASE_ERROR',
] as const

export type DatabaseReason = (typeof databaseReasons)[number]
export type DatabaseProblem = Problem<DatabaseReason>
