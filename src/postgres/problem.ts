import { codeOf } from '../lib/describe-error.ts'
import type { DatabaseProblem } from './reasons.ts'
import type { DatabaseReason } from './reasons.ts'

/** What was being waited for when the time was up. */
export type Stage = 'file' | 'turn' | 'login' | 'answer'

/** The caller's signal was aborted. */
export class Aborted extends Error {
  readonly stage: Stage
  constructor(stage: Stage) {
    super(`aborted while waiting for: ${stage}`)
    this.stage = stage
  }
}

/** node-postgres does not take the URL; `cause` is its reason, which can hold the URL itself. */
export class UrlRefused extends Error {}

interface Fault {
  readonly reason: DatabaseReason
  /** Follows the database's name in the message. */
  readonly says: string
}

const REFUSED: Fault = {
  reason: 'DATABASE_REFUSED',
  says: 'refuses the connection; is Postgres running, and does it listen there?',
}
const NO_SOCKET: Fault = { reason: 'DATABASE_REFUSED', says: 'has no socket there; is Postgres running?' }
const NO_ROUTE: Fault = {
  reason: 'DATABASE_UNREACHABLE',
  says: 'cannot be reached from this host; check its route and the firewall',
}
const NO_NAME: Fault = {
  reason: 'DATABASE_UNREACHABLE',
  says: 'has a host name that does not resolve; check the name and the resolver',
}
const HUNG_UP: Fault = {
  reason: 'DATABASE_UNREACHABLE',
  says: 'closes the connection before it answers; is it Postgres that listens there?',
}
const NOT_READY: Fault = {
  reason: 'DATABASE_NOT_READY',
  says: 'is starting up, recovering or shutting down',
}
const LOGIN_REFUSED: Fault = {
  reason: 'DATABASE_AUTHENTICATION_FAILED',
  says: 'refuses the login; check user and password',
}
const NO_TLS: Fault = {
  reason: 'DATABASE_TLS_FAILED',
  says: 'offers no TLS, which sslmode asks for',
}
const NOT_TRUSTED: Fault = {
  reason: 'DATABASE_TLS_FAILED',
  says: 'shows a certificate that is not trusted here; name its authority by sslrootcert or NODE_EXTRA_CA_CERTS (sslmode=require is checked like verify-full)',
}
const NO_CERTIFICATE: Fault = {
  reason: 'DATABASE_TLS_FAILED',
  says: 'has a URL that names a certificate or a key that cannot be read',
}
const NOT_A_URL: Fault = {
  reason: 'DATABASE_URL_UNKNOWN',
  says: 'has a URL that is not well formed: expected postgres://user:password@host:port/name',
}

/** By the `code` of an error: Node's, or Postgres's SQLSTATE (manual, appendix A). */
const faults: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: REFUSED,
  ENOENT: NO_SOCKET,
  EACCES: { reason: 'DATABASE_REFUSED', says: "has a socket that this program's user may not open" },
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EHOSTDOWN: NO_ROUTE,
  ENETDOWN: NO_ROUTE,
  ENOTFOUND: NO_NAME,
  EAI_AGAIN: NO_NAME,
  ETIMEDOUT: { reason: 'DATABASE_TIMED_OUT', says: 'does not answer; check its route and the firewall' },
  ECONNRESET: HUNG_UP,
  EPIPE: HUNG_UP,
  '28000': {
    ...LOGIN_REFUSED,
    says: 'refuses the login; check the user and what pg_hba.conf allows (where that wants TLS, set sslmode or PGSSLMODE)',
  },
  '28P01': LOGIN_REFUSED,
  '3D000': { reason: 'DATABASE_DOES_NOT_EXIST', says: 'does not exist on that server' },
  '42501': {
    reason: 'DATABASE_PERMISSION_DENIED',
    says: 'denies the user what was asked; grant it the right to connect and to read',
  },
  '53300': { reason: 'DATABASE_TOO_MANY_CONNECTIONS', says: 'has no connection left' },
  '57014': { reason: 'DATABASE_TIMED_OUT', says: 'took too long over the query, which was cancelled' },
  '57P01': NOT_READY,
  '57P02': NOT_READY,
  '57P03': NOT_READY,
}

/** By the text of an error of node-postgres's own, which has no code. None of these texts holds a value. */
const faultsByText: readonly (readonly [RegExp, Fault])[] = [
  [/^SASL: .*password must be/, { ...LOGIN_REFUSED, says: 'wants a password, and none is configured' }],
  [/^SASL: /, LOGIN_REFUSED],
  [/SSL|sslmode/, NO_TLS],
  [/^Connection terminated/, HUNG_UP],
]

const lateness: Readonly<Record<Stage, string>> = {
  file: 'has its URL in a file that cannot be read in time',
  turn: 'is still busy with an earlier query of this program',
  login: 'did not accept a login in time',
  answer: 'did not answer the query in time',
}

const faultOf = (error: unknown): Fault => {
  if (error instanceof Aborted) return { reason: 'DATABASE_TIMED_OUT', says: lateness[error.stage] }
  if (error instanceof UrlRefused)
    return /^E(?!RR_)/.test(codeOf(error.cause) ?? '') ? NO_CERTIFICATE : NOT_A_URL
  const code = codeOf(error)
  const known = code === undefined ? undefined : faults[code]
  if (known) return known
  if (code !== undefined && /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|_ISSUER/.test(code)) return NOT_TRUSTED
  const text = error instanceof Error ? error.message : ''
  const byText = code === undefined ? faultsByText.find(([pattern]) => pattern.test(text))?.[1] : undefined
  return byText ?? { reason: 'DATABASE_ERROR', says: `answers with the error ${code ?? 'without a code'}` }
}

/** Whether it is this host that could not look, rather than the database that did not answer. */
const isLocal = (error: unknown, reason: DatabaseReason): boolean =>
  reason === 'DATABASE_URL_UNKNOWN' ||
  codeOf(error) === 'EACCES' ||
  (error instanceof Aborted && error.stage === 'file')

/**
 * What an error of a database means. Always `unknown`: it is shared by all hosts, so that none of this is proof
 * against one of them. `database` names it as host:port/name. The error's own text can hold what must not be shown,
 * and is left out.
 */
export const problemOf = (error: unknown, database: string): DatabaseProblem => {
  const { reason, says } = faultOf(error)
  const code = codeOf(error)
  return {
    status: 'unknown',
    reason,
    cause: isLocal(error, reason) ? 'local' : 'shared',
    message: `${database} ${says}`,
    evidence: { database, ...(code !== undefined && { code }) },
  }
}

/**
 * Whether the connection is of no more use: the network failed, or the server said that it ends the session (SQLSTATE
 * class 08, and operator intervention or a session's timeout).
 */
export const endsConnection = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(?:08|57P|25P03)/.test(code)
}
