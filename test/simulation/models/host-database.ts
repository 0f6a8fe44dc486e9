import type { Databases } from '../../../src/postgres/databases.ts'
import { Aborted, problemOf } from '../../../src/postgres/problem.ts'
import type { Query, QueryAnswer } from '../../../src/postgres/query.ts'
import type { Clock } from '../../../src/monitor/clock.ts'
import type { Database } from './database.ts'

/** As in postgres/databases.ts and postgres/connection.ts. */
const IDLE_MS = 60_000
const MAX_AGE_MS = 300_000
const KEPT_SILENT_MS = 1000

const PLACE = { host: 'db:5432', database: 'app', schema: 'public' }
const NAME = { database: 'db:5432/app', secrets: [] }

interface Kept {
  readonly openedAt: number
  readonly epoch: number
  usedAt: number
}

/** Ends with the signal: what was awaited did not come. */
const aborted = (signal: AbortSignal, stage: Aborted['stage']): Promise<Aborted> => {
  const { promise, resolve } = Promise.withResolvers<Aborted>()
  const onAbort = () => resolve(new Aborted(stage))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return promise
}

/**
 * One host's way to the database, as the program's own `Databases` goes it: one kept connection, which closes when idle and
 * is replaced when old; a fresh query logs in for itself. What the server refuses becomes the program's own finding.
 */
export const createHostDatabase = (
  host: string,
  options: { readonly clock: Clock; readonly database: Database; readonly random: () => number },
): Databases => {
  const { clock, database, random } = options
  const maxAgeMs = MAX_AGE_MS * (1 - random() / 2)
  let kept: Kept | undefined
  const keep = (next: Kept | undefined) => {
    if (kept) database.countKept(-1)
    if (next) database.countKept(1)
    kept = next
  }
  let cuts = 0

  const pause = (ms: number) => new Promise<void>(resolve => void clock.after(ms, resolve))

  const logIn = async (signal: AbortSignal): Promise<unknown> => {
    database.countLogin()
    const { outcome, latencyMs } = database.login(host)
    if (outcome === 'silent') return aborted(signal, 'login')
    const late = await Promise.race([pause(latencyMs), aborted(signal, 'login')])
    if (late) return late
    if (outcome !== 'ok') return Object.assign(new Error(outcome.message), { code: outcome.code })
    return undefined
  }

  /** Undefined if the answer came; otherwise an error, or that the kept connection turned out to be dead. */
  const ask = async (signal: AbortSignal): Promise<unknown> => {
    database.countQuery()
    const { outcome, latencyMs } = database.query(host)
    if (outcome === 'silent') return aborted(signal, 'answer')
    const late = await Promise.race([pause(latencyMs), aborted(signal, 'answer')])
    return late ?? undefined
  }

  /** As in postgres/connection.ts: what the kept connection is asked comes one after the other, and so does its login. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = async (signal: AbortSignal, ask: () => Promise<unknown>): Promise<unknown> => {
    const before = turn
    const { promise, resolve } = Promise.withResolvers<undefined>()
    turn = before.then(() => promise)
    try {
      const late = await Promise.race([before, aborted(signal, 'turn')])
      return late ?? (await ask())
    } finally {
      resolve(undefined)
    }
  }

  const askKept = async (signal: AbortSignal): Promise<'dead' | 'answered'> => {
    const now = clock.now()
    if (kept && now - kept.usedAt > IDLE_MS) keep(undefined)
    if (kept && now - kept.openedAt > maxAgeMs) keep(undefined)
    if (!kept) return 'dead'
    const { outcome } = database.query(host)
    if (kept.epoch !== database.epoch || outcome === 'silent') {
      if (outcome === 'silent') await Promise.race([pause(KEPT_SILENT_MS), aborted(signal, 'answer')])
      keep(undefined)
      cuts += 1
      return 'dead'
    }
    return 'answered'
  }

  const askFresh = async (signal: AbortSignal): Promise<unknown> =>
    (await logIn(signal)) ?? (await ask(signal))

  const askInTurn = async (signal: AbortSignal): Promise<unknown> => {
    if ((await askKept(signal)) === 'answered') {
      const error = await ask(signal)
      if (error === undefined && kept) kept.usedAt = clock.now()
      return error
    }
    const refused = await logIn(signal)
    if (refused !== undefined) return refused
    const { epoch } = database
    const error = await ask(signal)
    const now = clock.now()
    if (error === undefined) keep({ openedAt: now, usedAt: now, epoch })
    return error
  }

  const answer = ({ signal, fresh = false }: Query): Promise<unknown> =>
    fresh ? askFresh(signal) : inTurn(signal, () => askInTurn(signal))

  return {
    async query<Row>(_source: unknown, query: Query): Promise<QueryAnswer<Row>> {
      const error = await answer(query)
      if (error !== undefined) return { ok: false, problem: problemOf(error, NAME) }
      const rows = [{ version: '17.0', standby: false }] as unknown as readonly Row[]
      const { latencyMs: tookMs } = database.query(host)
      return { ok: true, rows, place: PLACE, tookMs, cuts, unknownParameters: [] }
    },
    async [Symbol.asyncDispose]() {
      keep(undefined)
    },
  }
}
