import type { Finding, Problem } from '../../core/finding.ts'
import type { GeneralReason } from '../../core/reason.ts'

/** Why a smoke request is not a pass. */
export const smokeReasons = [
  'SMOKE_HOST_UNKNOWN',
  'SMOKE_SCRIPT_UNKNOWN',
  'SMOKE_SOCKET_MISSING',
  'SMOKE_SOCKET_STALE',
  'SMOKE_CONNECTION_REFUSED',
  'SMOKE_SOCKET_FORBIDDEN',
  'SMOKE_BACKLOG_FULL',
  'SMOKE_UNREACHABLE',
  'SMOKE_NO_ANSWER',
  'SMOKE_TOO_SLOW',
  'SMOKE_REQUEST_HELD',
  'SMOKE_RATE_LIMITED',
  'SMOKE_CLOSED',
  'SMOKE_PROTOCOL_MISMATCH',
  'SMOKE_APP_NOT_LOADED',
  'SMOKE_HOST_REJECTED',
  'SMOKE_REDIRECT_HOST',
  'SMOKE_REDIRECT_HTTPS',
  'SMOKE_REDIRECT_SLASH',
  'SMOKE_STATUS_UNEXPECTED',
  'SMOKE_HEADER_UNEXPECTED',
  'SMOKE_BODY_UNEXPECTED',
  'SMOKE_RELEASE_UNEXPECTED',
  'SMOKE_RELEASE_MISSING',
  'SMOKE_RELEASE_UNKNOWN',
  'SMOKE_EXPRESSION_SLOW',
  'SMOKE_LATENCY_HIGH',
  'SMOKE_RESPONSE_CUT_SHORT',
  'SMOKE_RESPONSE_MALFORMED',
  'SMOKE_RESPONSE_TOO_LARGE',
  'SMOKE_RESPONSE_ENCODED',
] as const

export type SmokeReason = (typeof smokeReasons)[number]
type Reason = SmokeReason | GeneralReason

export type SmokeProblem = Problem<Reason>
export type SmokeFinding = Finding<Reason>
