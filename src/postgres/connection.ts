import { once } from 'node:events'
import { Socket } from 'node:net'
import { Client } from 'pg'
import type { QueryResultRow } from 'pg'
import { orAborted } from './or-aborted.ts'
import { cancelQuery } from './cancel-query.ts'
import { Aborted, UrlRefused, endsConnection, problemOf } from './problem.ts'
import type { Query, QueryAnswer } from './query.ts'

/** The server's own bound on a query, for one that goes on after its caller has gone. */
const STATEMENT_TIMEOUT_MS = 5000
/** A connection that was kept and is silent for so long is taken for dead: a firewall or a failover swallowed it. */
const KEPT_SILENT_MS = 1000
const CLOSE_MS = 500

interface Live {
  readonly client: Client
  readonly socket: Socket
  readonly openedAt: number
}

/** The name is given last, as the last one counts. */
const createClient = (url: string, socket: Socket): Client => {
  const connectionString = `${url}${url.includes('?') ? '&' : '?'}application_name=health-sidecar`
  try {
    return new Client({ connectionString, stream: () => socket, keepAlive: true })
  } catch (cause) {
    throw new UrlRefused('node-postgres does not take the URL', { cause })
  }
}

/** One connection to one database, opened when first asked, its queries one after the other. */
export class Connection {
  readonly #url: string
  readonly #limits: { readonly idleMs: number; readonly maxAgeMs: number }
  #name = 'the database'
  #live: Live | undefined
  #turn: Promise<void> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  readonly #ending = new AbortController()

  /** `maxAgeMs` is the longest time for which a change in the DNS goes unnoticed. */
  constructor(url: string, limits: { readonly idleMs: number; readonly maxAgeMs: number }) {
    this.#url = url
    this.#limits = limits
  }

  /** Never throws: what stands in the way of an answer is a problem. */
  async query<Row extends QueryResultRow>(query: Query): Promise<QueryAnswer<Row>> {
    const before = this.#turn
    const { promise, resolve: done } = Promise.withResolvers<void>()
    this.#turn = before.then(() => promise)
    const signal = AbortSignal.any([query.signal, this.#ending.signal])
    try {
      await orAborted(before, signal, 'turn')
      return { ok: true, rows: await this.#ask<Row>({ ...query, signal }) }
    } catch (error) {
      return { ok: false, problem: problemOf(error, this.#name) }
    } finally {
      done()
    }
  }

  /** Lets the query under way end, and closes. */
  async retire(): Promise<void> {
    await this.#turn
    await this.#close()
  }

  /** Gives up the query under way and those that wait, and closes for good. */
  async end(): Promise<void> {
    this.#ending.abort()
    await this.retire()
    clearTimeout(this.#idle)
  }

  async #ask<Row extends QueryResultRow>(query: Query): Promise<readonly Row[]> {
    clearTimeout(this.#idle)
    try {
      if (this.#live && performance.now() - this.#live.openedAt > this.#limits.maxAgeMs) await this.#close()
      return (
        (this.#live && (await this.#askKept<Row>(this.#live, query))) ?? (await this.#askAnew<Row>(query))
      )
    } finally {
      this.#idle = setTimeout(() => void this.#close(), this.#limits.idleMs).unref()
    }
  }

  /** Nothing where the kept connection turns out to be dead: that is no verdict on the database. */
  async #askKept<Row extends QueryResultRow>(live: Live, query: Query): Promise<readonly Row[] | undefined> {
    try {
      const silent = AbortSignal.timeout(KEPT_SILENT_MS)
      return await this.#read<Row>(live, { ...query, begin: AbortSignal.any([query.signal, silent]) })
    } catch (error) {
      if (query.signal.aborted || !endsConnection(error)) throw error
      return undefined
    }
  }

  async #askAnew<Row extends QueryResultRow>(query: Query): Promise<readonly Row[]> {
    return this.#read<Row>(await this.#connect(query.signal), { ...query, begin: query.signal })
  }

  /**
   * A transaction rather than settings of the session: a pooler may hand the session on to the app. What fails in a
   * way that leaves the state of the connection open is not kept.
   */
  async #read<Row extends QueryResultRow>(
    { client, socket }: Live,
    { text, values, signal, begin }: Query & { readonly begin: AbortSignal },
  ): Promise<readonly Row[]> {
    const start = `begin read only; set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`
    try {
      await orAborted(client.query(start), begin, 'answer')
      const { rows } = await orAborted(client.query<Row>(text, values && [...values]), signal, 'answer')
      await orAborted(client.query('commit'), signal, 'answer')
      return rows
    } catch (error) {
      if (error instanceof Aborted) cancelQuery(client, socket)
      if (endsConnection(error)) this.#drop()
      else await orAborted(client.query('rollback'), signal, 'answer').catch(() => this.#drop())
      throw error
    }
  }

  async #connect(signal: AbortSignal): Promise<Live> {
    const socket = new Socket()
    const client = createClient(this.#url, socket)
    const { host, port, database } = client
    this.#name = `${host}:${port}/${database}`
    const live = { client, socket, openedAt: performance.now() }
    // node-postgres reports a connection that is lost between two queries here, and throws where nobody listens.
    client.on('error', () => {
      if (this.#live === live) this.#drop()
    })
    this.#live = live
    try {
      if (signal.aborted) throw new Aborted('login')
      await orAborted(client.connect(), signal, 'login')
      return live
    } catch (error) {
      this.#drop()
      throw error
    }
  }

  #drop(): void {
    this.#live?.socket.destroy()
    this.#live = undefined
  }

  async #close(): Promise<void> {
    const live = this.#live
    if (!live) return
    this.#live = undefined
    const closed = once(live.socket, 'close')
    const late = setTimeout(() => live.socket.destroy(), CLOSE_MS)
    live.client.end().catch(() => {})
    await closed
    clearTimeout(late)
  }
}
