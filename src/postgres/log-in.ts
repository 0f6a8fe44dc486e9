import { codeOf } from '../lib/describe-error.ts'
import type { Address, Login, SessionKind, SslMode } from './login.ts'
import { openSocket } from './open-socket.ts'
import type { Credentials } from './open-socket.ts'
import { Aborted, problemOf } from './problem.ts'
import { readCredentials } from './read-credentials.ts'
import { Refusal } from './refusal.ts'
import { Session } from './session.ts'

/** How long each of several hosts may take, so that a silent one does not hide the next. */
const HOST_MS = 1000

interface Attempt {
  readonly mode: SslMode
  /** Whether a server without TLS will do. */
  readonly mayBePlain: boolean
}

/** What libpq tries, one after the other (manual, "SSL Mode Descriptions"). */
const attemptsOf = (mode: SslMode): readonly Attempt[] => {
  const plain: Attempt = { mode: 'disable', mayBePlain: false }
  const encrypted: Attempt = { mode: 'require', mayBePlain: false }
  if (mode === 'allow') return [plain, encrypted]
  if (mode === 'prefer') return [{ ...encrypted, mayBePlain: true }, plain]
  return [{ mode, mayBePlain: false }]
}

/** pg_hba.conf has no line for this login, and may have one for the other kind of connection. */
const NO_LINE = '28000'

const mayTryOtherKind = (error: unknown): boolean =>
  codeOf(error) === NO_LINE ||
  problemOf(error, { database: '', secrets: [] }).reason === 'DATABASE_TLS_FAILED'

/** The host is not the one, or is not well; an error that the login itself deserves would be the same at the next. */
const mayTryNextHost = (error: unknown): boolean => {
  if (error instanceof Aborted) return true
  if (error instanceof Refusal) return error.reason === 'DATABASE_NOT_READY'
  const { reason } = problemOf(error, { database: '', secrets: [] })
  return ['DATABASE_REFUSED', 'DATABASE_UNREACHABLE', 'DATABASE_TIMED_OUT', 'DATABASE_NOT_READY'].includes(
    reason,
  )
}

const tests: Readonly<Record<Exclude<SessionKind, 'any' | 'prefer-standby'>, string>> = {
  'read-write': `not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'off'`,
  'read-only': `pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on'`,
  primary: 'not pg_is_in_recovery()',
  standby: 'pg_is_in_recovery()',
}

/** Throws a Refusal if a session is not of the kind that the source asks for. */
const checkKind = async (session: Session, kind: SessionKind, signal: AbortSignal): Promise<void> => {
  if (kind === 'any' || kind === 'prefer-standby') return
  const { rows } = await session.read<{ fits: boolean }>({
    text: `select ${tests[kind]} as fits`,
    signal,
    begin: signal,
  })
  if (rows[0]?.fits !== true)
    throw new Refusal('DATABASE_NOT_READY', `is not ${kind}, which target_session_attrs asks for`)
}

interface LogInOptions {
  readonly signal: AbortSignal
  /** Told before each host is tried. */
  readonly onAddress: (address: Address) => void
}

interface HostOptions {
  readonly login: Login
  readonly credentials: Credentials
  readonly kind: SessionKind
  readonly signal: AbortSignal
}

const logInAt = async (address: Address, options: HostOptions): Promise<Session> => {
  const { login, credentials, kind, signal } = options
  let failure: unknown
  for (const { mode, mayBePlain } of attemptsOf(login.tls.mode)) {
    let isPlain = mode === 'disable'
    try {
      const tls = { ...login.tls, mode }
      const open = await openSocket(address, { tls, credentials, mayBePlain, signal })
      isPlain = !open.isEncrypted
      const session = await Session.start(address, { login, open, signal })
      await checkKind(session, kind, signal).catch((error: unknown) => {
        session.drop()
        throw error
      })
      return session
    } catch (error) {
      failure = error
      if (!mayTryOtherKind(error) || (mayBePlain && isPlain)) break
    }
  }
  throw failure
}

/** `prefer-standby`: first a standby, then any. */
const kindsOf = (kind: SessionKind): readonly SessionKind[] =>
  kind === 'prefer-standby' ? ['standby', 'any'] : [kind]

/** Logs in to the first host that will do. Throws what the last one threw. */
export const logIn = async (login: Login, { signal, onAddress }: LogInOptions): Promise<Session> => {
  if (signal.aborted) throw new Aborted('login')
  const credentials = await readCredentials(login.tls)
  const several = login.addresses.length > 1
  let failure: unknown
  for (const kind of kindsOf(login.sessionKind)) {
    for (const address of login.addresses) {
      const limitMs = login.connectTimeoutMs ?? (several ? HOST_MS : undefined)
      const limited = limitMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
      onAddress(address)
      try {
        return await logInAt(address, { login, credentials, kind, signal: limited })
      } catch (error) {
        failure = error
        if (signal.aborted || !mayTryNextHost(error)) throw error
      }
    }
  }
  throw failure
}
