import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { createRandom } from '../../support/random.ts'
import { startFakeServer } from './fake-server.ts'
import { mutateSession } from './mutate-session.ts'
import type { Exchange, Mutation } from './mutate-session.ts'
import { RECORDED_QUERY } from './record-session.ts'

/** A message that never comes is waited for so long. */
const TIMEOUT_MS = 60
const AT_ONCE = 16

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
 * Plays a recorded session to this program's own client, once for each seed, each time with one message changed. The
 * server listens on a Unix socket, because a machine has fewer ports than there are seeds.
 */
export const replayMutations = async (
  {
    exchanges,
    rows: recorded,
  }: { readonly exchanges: readonly Exchange[]; readonly rows: readonly object[] },
  options: { readonly directory: string; readonly seeds: Iterable<number> },
): Promise<Replay> => {
  const counts: Record<string, number> = {}
  const wrong: string[] = []
  let slowestMs = 0
  const seeds = options.seeds[Symbol.iterator]()

  const work = async (worker: number): Promise<void> => {
    let mutation: Mutation = { kind: '', session: [], changesData: false }
    const step = new WeakMap<object, number>()
    const path = join(options.directory, `.s.PGSQL.${5000 + worker}`)
    await using _server = await startFakeServer(
      ({ letter }, socket) => {
        if (letter === 'X') return
        const at = step.get(socket) ?? 0
        step.set(socket, at + 1)
        socket.write(Buffer.concat(mutation.session[at] ?? []))
      },
      { path },
    )
    await using databases = createDatabases()
    const url = `postgres://postgres@/postgres?host=${options.directory}&port=${5000 + worker}`
    for (let next = seeds.next(); !next.done; next = seeds.next()) {
      mutation = mutateSession(exchanges, createRandom(next.value))
      const startedAt = performance.now()
      const answer = await databases.query(url, {
        text: RECORDED_QUERY,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        fresh: true,
      })
      slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      const outcome = answer.ok ? 'ok' : answer.problem.reason
      counts[outcome] = (counts[outcome] ?? 0) + 1
      const isFine = answer.ok
        ? isRight(answer.rows, { mutation, recorded })
        : answer.problem.status === 'unknown'
      if (!isFine) wrong.push(`${next.value} (${mutation.kind})`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, worker) => work(worker)))
  return { counts, wrong, slowestMs }
}
