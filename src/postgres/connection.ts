import type { QueryResultRow } from 'pg'
import { logIn } from './log-in.ts'
import type { Login } from './login.ts'
import { orAborted } from './or-aborted.ts'
import { endsConnection, problemOf } from './problem.ts'
import type { Query, QueryAnswer } from './query.ts'
import { nameOf } from './session.ts'
import type { Session, SessionRows } from './session.ts'

/** A kept connection that is silent for so long counts as dead: a firewall or a failover swallowed it. */
const KEPT_SILENT_MS = 1000

interface ConnectionOptions {
  readonly idleMs: number
  /** The longest time for which a change in the DNS goes unnoticed. A connection is kept for half of it, at least. */
  readonly maxAgeMs: number
  /** Told when a connection that was kept is gone and this program has not closed it. */
  readonly onCut: () => void
}

/** One kept connection to one database. It opens when first asked, and runs its queries one after the other. */
export class Connection {
  readonly #login: Login
  readonly #options: ConnectionOptions
  /** Hosts that log in together, after an outage or a deployment, do not do so again. */
  readonly #maxAgeMs: number
  #name: string
  #kept: Session | undefined
  #turn: Promise<void> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  readonly #ending = new AbortController()

  constructor(login: Login, options: ConnectionOptions) {
    this.#login = login
    this.#options = options
    this.#maxAgeMs = options.maxAgeMs * (1 - Math.random() / 2)
    const [first] = login.addresses
    this.#name = `${first ? nameOf(first) : ''}/${login.database ?? ''}`
  }

  /** Never throws: what prevents an answer is a problem. */
  async query<Row extends QueryResultRow>(query: Query): Promise<QueryAnswer<Row>> {
    const before = this.#turn
    const { promise, resolve: done } = Promise.withResolvers<void>()
    this.#turn = before.then(() => promise)
    const signal = AbortSignal.any([query.signal, this.#ending.signal])
    return this.#answer(async () => {
      try {
        await orAborted(before, signal, 'turn')
        return await this.#ask<Row>({ ...query, signal })
      } finally {
        done()
      }
    })
  }

  /** Asks through a login of its own, which it closes again; the kept connection is left alone. Never throws. */
  async queryFresh<Row extends QueryResultRow>(query: Query): Promise<QueryAnswer<Row>> {
    const signal = AbortSignal.any([query.signal, this.#ending.signal])
    return this.#answer(async () => {
      const session = await this.#logIn(signal)
      try {
        return await session.read<Row>({ ...query, signal, begin: signal })
      } finally {
        void session.close()
      }
    })
  }

  /** Waits for the query in flight, and closes. */
  async retire(): Promise<void> {
    await this.#turn
    await this.#close()
  }

  /** Gives up the query in flight and those that wait, and closes for good. */
  async end(): Promise<void> {
    this.#ending.abort()
    await this.retire()
    clearTimeout(this.#idle)
  }

  async #answer<Row>(ask: () => Promise<SessionRows<Row>>): Promise<QueryAnswer<Row>> {
    const { secrets, unknownParameters, migrationsTable } = this.#login
    try {
      const answer = await ask()
      return {
        ok: true,
        ...answer,
        cuts: 0,
        unknownParameters,
        ...(migrationsTable !== undefined && { migrationsTable }),
      }
    } catch (error) {
      return { ok: false, problem: problemOf(error, { database: this.#name, secrets }) }
    }
  }

  async #ask<Row extends QueryResultRow>(query: Query): Promise<SessionRows<Row>> {
    clearTimeout(this.#idle)
    try {
      if (this.#kept && performance.now() - this.#kept.openedAt > this.#maxAgeMs) await this.#close()
      return (this.#kept && (await this.#askKept<Row>(this.#kept, query))) ?? (await this.#askNew<Row>(query))
    } finally {
      this.#idle = setTimeout(() => void this.#close(), this.#options.idleMs).unref()
    }
  }

  /** Undefined if the kept connection turns out to be dead, which is no verdict on the database. */
  async #askKept<Row extends QueryResultRow>(
    session: Session,
    query: Query,
  ): Promise<SessionRows<Row> | undefined> {
    const silent = AbortSignal.timeout(KEPT_SILENT_MS)
    try {
      return await session.read<Row>({ ...query, begin: AbortSignal.any([query.signal, silent]) })
    } catch (error) {
      // what this program itself has given up is no cut
      if (query.signal.aborted) this.#kept = undefined
      if (query.signal.aborted || !endsConnection(error)) throw error
      this.#cut(session)
      return undefined
    }
  }

  async #askNew<Row extends QueryResultRow>(query: Query): Promise<SessionRows<Row>> {
    const session = await this.#logIn(query.signal)
    this.#kept = session
    void session.gone.then(() => this.#cut(session))
    try {
      return await session.read<Row>({ ...query, begin: query.signal })
    } catch (error) {
      if (!session.isOpen && this.#kept === session) this.#kept = undefined
      throw error
    }
  }

  /** Once for each connection. */
  #cut(session: Session): void {
    if (this.#kept !== session) return
    this.#kept = undefined
    this.#options.onCut()
  }

  async #logIn(signal: AbortSignal): Promise<Session> {
    return logIn(this.#login, {
      signal,
      onAddress: address => (this.#name = `${nameOf(address)}/${this.#login.database ?? ''}`),
    })
  }

  async #close(): Promise<void> {
    const session = this.#kept
    this.#kept = undefined
    await session?.close()
  }
}
