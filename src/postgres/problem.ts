import type { Cause } from '../core/finding.ts'
import { codeOf } from '../lib/describe-error.ts'
import type { DatabaseProblem, DatabaseReason } from './reasons.ts'
import { Refusal } from './refusal.ts'
import { serverWords } from './server-words.ts'

/** What was awaited when the time was up. */
export type Stage = 'turn' | 'login' | 'answer'

/** The caller's signal was aborted. */
export class Aborted extends Error {
  readonly stage: Stage
  constructor(stage: Stage) {
    super(`aborted while waiting for: ${stage}`)
    this.stage = stage
  }
}

interface Fault {
  readonly reason: DatabaseReason
  /** Follows the database's name in the message. */
  readonly says: string
  /** `shared` if absent. */
  readonly cause?: Cause
  readonly isEverybodys?: true
}

const REFUSED: Fault = {
  reason: 'DATABASE_REFUSED',
  says: 'refuses the connection; is Postgres running, and does it listen there?',
}
const NO_SOCKET: Fault = {
  reason: 'DATABASE_REFUSED',
  says: 'has no Unix socket there; is Postgres running? (PrivateTmp= and ProtectHome= hide directories)',
}
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
const NO_DATABASE: Fault = { reason: 'DATABASE_DOES_NOT_EXIST', says: 'does not exist on that server' }
const FULL: Fault = { reason: 'DATABASE_TOO_MANY_CONNECTIONS', says: 'has no connection left' }
const NOT_TRUSTED: Fault = {
  reason: 'DATABASE_TLS_FAILED',
  says: 'shows a certificate that is not trusted here; name its authority by sslrootcert or NODE_EXTRA_CA_CERTS',
}
const WRONG_NAME: Fault = {
  reason: 'DATABASE_TLS_FAILED',
  says: 'shows a certificate for another host name; connect by a name in it, or use sslmode=verify-ca',
}
const EXPIRED: Fault = {
  reason: 'DATABASE_TLS_FAILED',
  says: 'shows a certificate that has expired or is not valid yet; renew it, or check the clock of this host',
}
const NO_HANDSHAKE: Fault = {
  reason: 'DATABASE_TLS_FAILED',
  says: 'does not complete the TLS handshake; check its TLS versions and whether it wants a client certificate',
}

/** By the `code` of an error: Node's, or Postgres's SQLSTATE (manual, appendix A). */
const faults: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: REFUSED,
  ENOENT: NO_SOCKET,
  HUNG: {
    reason: 'DATABASE_UNREACHABLE',
    says: 'has a Unix socket whose path was not found in time; its file system may be dead: check the mount',
    cause: 'local',
  },
  EACCES: {
    reason: 'DATABASE_REFUSED',
    says: "has a Unix socket that this program's user may not open; let the user connect",
    cause: 'local',
  },
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EHOSTDOWN: NO_ROUTE,
  ENETDOWN: NO_ROUTE,
  ENOTFOUND: NO_NAME,
  EAI_AGAIN: NO_NAME,
  ETIMEDOUT: { reason: 'DATABASE_TIMED_OUT', says: 'does not answer; check its route and the firewall' },
  ECONNRESET: HUNG_UP,
  EPIPE: HUNG_UP,
  ERR_STREAM_PREMATURE_CLOSE: HUNG_UP,
  ERR_TLS_CERT_ALTNAME_INVALID: WRONG_NAME,
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  '28000': {
    ...LOGIN_REFUSED,
    says: 'refuses the login; check the user and what pg_hba.conf allows',
  },
  '28P01': LOGIN_REFUSED,
  '3D000': NO_DATABASE,
  '42501': {
    reason: 'DATABASE_PERMISSION_DENIED',
    says: 'denies the user what was asked; grant it the right to connect and to read',
  },
  '53300': { ...FULL, isEverybodys: true },
  '57014': { reason: 'DATABASE_TIMED_OUT', says: 'took too long over the query, which was cancelled' },
  '57P01': NOT_READY,
  '57P02': NOT_READY,
  '57P03': NOT_READY,
}

/** pgbouncer refuses everything with one code (its src/client.c, src/objects.c). */
const POOLER_CODE = '08P01'
const poolerFaults: readonly (readonly [RegExp, Fault])[] = [
  [/^no such database|database .* (?:does not exist|is disabled)/i, NO_DATABASE],
  [/no such user|authentication failed|auth failed|password/i, LOGIN_REFUSED],
  [
    /query_wait_timeout/,
    { ...FULL, says: 'has no connection for this query: its pool is full, or it cannot reach its server' },
  ],
  [/no more connections|too many|max_client|max_db/i, FULL],
  [/shutting down|paused|suspended|disabled|pooler is/i, NOT_READY],
  [
    /server (?:login|connect)|cannot connect|server_login_retry|server conn/i,
    { ...NO_ROUTE, says: 'is a pooler that cannot reach its database' },
  ],
]

/** By the text of an error of node-postgres's own, which has no code. None of these texts holds a value. */
const driverFaults: readonly (readonly [RegExp, Fault])[] = [
  [/^SASL: .*password must be/, { ...LOGIN_REFUSED, says: 'wants a password, and none is configured' }],
  [/^SASL: /, LOGIN_REFUSED],
  [/^Connection terminated/, HUNG_UP],
]

const lateness: Readonly<Record<Stage, string>> = {
  turn: 'is still busy with an earlier query of this program',
  login: 'did not accept a login in time',
  answer: 'did not answer the query in time',
}

const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|_ISSUER|DEPTH_ZERO|INVALID_CA|INVALID_PURPOSE/

const faultOf = (error: unknown): Fault => {
  if (error instanceof Aborted) return { reason: 'DATABASE_TIMED_OUT', says: lateness[error.stage] }
  if (error instanceof Refusal) return { reason: error.reason, says: error.message }
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : ''
  const byText = (code === POOLER_CODE ? poolerFaults : code === undefined ? driverFaults : []).find(
    ([pattern]) => pattern.test(text),
  )?.[1]
  const known = byText ?? (code === undefined ? undefined : faults[code])
  if (known) return known
  if (code !== undefined && TLS_CODE.test(code)) return NOT_TRUSTED
  if (code !== undefined && /SSL|TLS/.test(code)) return NO_HANDSHAKE
  return {
    reason: 'DATABASE_ERROR',
    says: `answers with the error ${code === undefined ? 'without a code' : plainCode(code)}`,
  }
}

/**
 * What an error of a database means. Always `unknown`: all hosts share the database, so none of this is proof against
 * one of them. `database` names it as host:port/name; `secrets` are texts that the message must not quote.
 */
export const problemOf = (
  error: unknown,
  { database, secrets }: { readonly database: string; readonly secrets: readonly string[] },
): DatabaseProblem => {
  const { reason, says, cause = 'shared', isEverybodys } = faultOf(error)
  const code = codeOf(error)
  const words = serverWords(error, secrets)
  return {
    status: 'unknown',
    reason,
    cause,
    ...(isEverybodys && { isEverybodys }),
    message: `${database} ${says}${words === undefined ? '' : `; the server says: ${words}`}`,
    evidence: { database, ...(code !== undefined && { code: plainCode(code) }) },
  }
}

/** A hostile server can put anything in the place of an SQLSTATE. */
const plainCode = (code: string): string => (/^\w{1,60}$/.test(code) ? code : 'malformed')

/**
 * Whether the connection is of no more use: the network failed, or the server said that it ends the session (SQLSTATE
 * class 08, and operator intervention or a session's timeout).
 */
export const endsConnection = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(?:08|57P|25P03)/.test(code)
}
