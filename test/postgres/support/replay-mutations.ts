import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { createRandom } from '../../support/random.ts'
import { startFakeServer } from './fake-server.ts'
import { mutateSession } from './mutate-session.ts'
import type { Mutation } from './mutate-session.ts'
import { RECORDED_QUERY } from './record-session.ts'
import type { RecordedSession } from './record-session.ts'
import { createScramSession } from './scram-session.ts'
import type { ScramSession } from './scram-session.ts'

/** A message that never comes is waited for so long. */
const TIMEOUT_MS = 60
/** A login by SCRAM derives a key first. */
const SCRAM_TIMEOUT_MS = 250
const AT_ONCE = 16
/** More than a session takes. Server and client are of this process: each turn carries what was sent in the one before. */
const TURNS = 100

/** Aborts after a time, but not while a busy machine keeps this process from what has arrived. */
const abortAfter = (ms: number): AbortSignal => {
  const patience = new AbortController()
  const turn = (left: number): void =>
    left > 0
      ? void setImmediate(turn, left - 1)
      : patience.abort(new DOMException('nothing came', 'TimeoutError'))
  setTimeout(turn, ms, TURNS).unref()
  return patience.signal
}

export interface Replay {
  /** How often each reason was given; `ok` for a right answer. */
  readonly counts: Readonly<Record<string, number>>
  /** Seeds whose answer was neither right nor a problem. */
  readonly wrong: readonly string[]
  readonly slowestMs: number
}

/** A right answer: the same rows, or as many where the mutation itself changed what they hold. */
const isRight = (
  rows: readonly object[],
  { mutation, recorded }: { readonly mutation: Mutation; readonly recorded: readonly object[] },
): boolean => (mutation.changesData ? rows.length === recorded.length : isDeepStrictEqual(rows, recorded))

/**
 * Plays a recorded session to this program's own client, once for each seed, each time with one message changed. Rows from a
 * server that did not prove that it knows the password are wrong, if the session has one. The
 * server listens on a Unix socket, because a machine has fewer ports than there are seeds.
 */
export const replayMutations = async (
  { exchanges, rows: recorded, password }: RecordedSession,
  options: { readonly directory: string; readonly seeds: Iterable<number> },
): Promise<Replay> => {
  const counts: Record<string, number> = {}
  // of a login by SCRAM, those of the login alone: the others are those of every session
  const changed = password === undefined ? {} : { letters: 'R' }
  const wrong: string[] = []
  let slowestMs = 0
  const seeds = options.seeds[Symbol.iterator]()

  const work = async (worker: number): Promise<void> => {
    let seed = 0
    let mutation: Mutation = { kind: '', session: [], changesData: false }
    let isProved = password === undefined
    const step = new WeakMap<object, number>()
    const logins = new WeakMap<object, ScramSession>()
    const path = join(options.directory, `.s.PGSQL.${5000 + worker}`)
    await using _server = await startFakeServer(
      ({ letter, body }, socket) => {
        if (letter === 'X') return
        const at = step.get(socket) ?? 0
        step.set(socket, at + 1)
        const login = logins.get(socket) ?? createScramSession(exchanges, password ?? '')
        logins.set(socket, login)
        if (letter === 'p') login.take(body)
        // the same change, of messages that fit this client
        if (password !== undefined) mutation = mutateSession(login.exchanges, createRandom(seed), changed)
        const bytes = Buffer.concat(mutation.session[at] ?? [])
        isProved ||= login.proof !== undefined && bytes.includes(login.proof)
        socket.write(bytes)
      },
      { path },
    )
    await using databases = createDatabases()
    const place = `host=${options.directory}&port=${5000 + worker}`
    const url =
      password === undefined
        ? `postgres://postgres@/postgres?${place}`
        : `postgres://postgres:${password}@/postgres?${place}&require_auth=scram-sha-256`
    for (let next = seeds.next(); !next.done; next = seeds.next()) {
      seed = next.value
      isProved = password === undefined
      mutation = mutateSession(exchanges, createRandom(seed), changed)
      const startedAt = performance.now()
      const answer = await databases.query(url, {
        text: RECORDED_QUERY,
        signal: abortAfter(password === undefined ? TIMEOUT_MS : SCRAM_TIMEOUT_MS),
        fresh: true,
      })
      slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      const outcome = answer.ok ? 'ok' : answer.problem.reason
      counts[outcome] = (counts[outcome] ?? 0) + 1
      const isFine = answer.ok
        ? isProved && isRight(answer.rows, { mutation, recorded })
        : answer.problem.status === 'unknown'
      if (!isFine) wrong.push(`${next.value} (${mutation.kind})`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, worker) => work(worker)))
  return { counts, wrong, slowestMs }
}
