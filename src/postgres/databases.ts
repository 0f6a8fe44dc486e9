import type { QueryResultRow } from 'pg'
import { Connection } from './connection.ts'
import type { DatabaseSource } from './database-source.ts'
import type { Query, QueryAnswer } from './query.ts'
import { resolveUrl } from './database-url.ts'

/** One read-only connection a database, opened when first asked, shared by the checks, closed when idle. */
export interface Databases extends AsyncDisposable {
  /**
   * Asks in a read-only transaction of its own, after the queries that came before it. Ends when `signal` is aborted,
   * wherever the query is. Never throws; the problem is always `unknown`, with a reason DATABASE_*.
   */
  query<Row extends QueryResultRow>(source: DatabaseSource, query: Query): Promise<QueryAnswer<Row>>
}

/**
 * `idleMs`: how long a connection is kept that nobody asks; longer than the usual interval of a check, so that it need
 * not log in each time. `maxAgeMs`: after so long it is opened anew, and so follows a change in the DNS.
 */
export const createDatabases = ({ idleMs = 60_000, maxAgeMs = 300_000 } = {}): Databases => {
  const connections = new Map<string, Connection>()
  /** By what names the file: the URL that it gave when last read. */
  const urls = new Map<string, string>()

  /** A connection with credentials that have been replaced is given up. */
  const noticeChange = (source: DatabaseSource, url: string): void => {
    if (typeof source === 'string') return
    const key = JSON.stringify(source)
    const before = urls.get(key)
    urls.set(key, url)
    if (before === undefined || before === url) return
    void connections
      .get(before)
      ?.retire()
      .then(() => connections.delete(before))
  }

  return {
    async query<Row extends QueryResultRow>(source: DatabaseSource, query: Query): Promise<QueryAnswer<Row>> {
      const answer = await resolveUrl(source, query.signal)
      if (!answer.ok) return answer
      noticeChange(source, answer.url)
      const connection = connections.get(answer.url) ?? new Connection(answer.url, { idleMs, maxAgeMs })
      connections.set(answer.url, connection)
      return connection.query<Row>(query)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(connections.values(), connection => connection.end()))
    },
  }
}
