import type { QueryResultRow } from 'pg'
import { Connection } from './connection.ts'
import type { DatabaseSource } from './database-source.ts'
import type { Login } from './login.ts'
import { Aborted, problemOf } from './problem.ts'
import type { Query, QueryAnswer } from './query.ts'
import { resolveSource } from './resolve-source.ts'

/** One read-only connection for each database. It opens when first asked, the checks share it, and it closes when idle. */
export interface Databases extends AsyncDisposable {
  /**
   * Asks in a read-only transaction of its own, after the queries that came before it. Ends when `signal` is aborted.
   * Never throws; the problem is always `unknown`, with a reason DATABASE_*.
   */
  query<Row extends QueryResultRow>(source: DatabaseSource, query: Query): Promise<QueryAnswer<Row>>
}

const NAMELESS = { database: 'the database', secrets: [] }

/**
 * `idleMs`: how long a connection is kept without a query. It is longer than the usual interval of a check, so that a
 * check need not log in each time. `maxAgeMs`: an older connection is replaced, and so follows a change in the DNS; one of at
 * least half that age, as each database has a random part of it.
 */
export const createDatabases = ({ idleMs = 60_000, maxAgeMs = 300_000 } = {}): Databases => {
  const connections = new Map<string, Connection>()
  /** By source: the login that it last gave. */
  const logins = new Map<string, string>()
  /** By login: how often its kept connection was cut. */
  const cuts = new Map<string, number>()
  let isDisposed = false

  /** A connection whose credentials have been replaced is closed. */
  const noticeChange = (source: DatabaseSource, login: string): void => {
    if (typeof source === 'string') return
    const key = JSON.stringify(source)
    const before = logins.get(key)
    logins.set(key, login)
    if (before === undefined || before === login) return
    const connection = connections.get(before)
    void connection?.retire().then(() => connections.delete(before))
  }

  const connectionTo = (key: string, login: Login): Connection => {
    const known = connections.get(key)
    if (known) return known
    const onCut = () => cuts.set(key, (cuts.get(key) ?? 0) + 1)
    const connection = new Connection(login, { idleMs, maxAgeMs, onCut })
    connections.set(key, connection)
    return connection
  }

  return {
    async query<Row extends QueryResultRow>(source: DatabaseSource, query: Query): Promise<QueryAnswer<Row>> {
      const resolved = await resolveSource(source, query.signal)
      if (!resolved.ok) return resolved
      // nothing is opened any more that nobody would close
      if (isDisposed) return { ok: false, problem: problemOf(new Aborted('login'), NAMELESS) }
      const key = JSON.stringify(resolved.login)
      noticeChange(source, key)
      const connection = connectionTo(key, resolved.login)
      const answer = await (query.fresh ? connection.queryFresh<Row>(query) : connection.query<Row>(query))
      return answer.ok ? { ...answer, cuts: cuts.get(key) ?? 0 } : answer
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true
      await Promise.all(Array.from(connections.values(), connection => connection.end()))
    },
  }
}
