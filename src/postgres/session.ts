import { once } from 'node:events'
import { Client } from 'pg'
import type { QueryResult, QueryResultRow } from 'pg'
import { cancelQuery } from './cancel-query.ts'
import { GuardedStream } from './guarded-stream.ts'
import type { Address, Login } from './login.ts'
import { LoginGuard } from './login-guard.ts'
import { MessageGuard } from './message-guard.ts'
import { isSocketDirectory } from './open-socket.ts'
import type { OpenSocket } from './open-socket.ts'
import { orAborted } from './or-aborted.ts'
import { Aborted, endsConnection } from './problem.ts'
import type { Place, Query } from './query.ts'

/** The server's own limit for a query that goes on after its caller has gone. */
const STATEMENT_TIMEOUT_MS = 5000
const CLOSE_MS = 500

export interface SessionRows<Row> {
  readonly rows: readonly Row[]
  readonly place: Place
  /** How long the query alone took, in milliseconds: one way there and back, and no login. */
  readonly tookMs: number
}

/** A query, and until when it may take to begin. */
export interface SessionQuery extends Query {
  readonly begin: AbortSignal
}

/** `db:5432`, or the path of a Unix socket. */
export const nameOf = ({ host, port }: Address): string =>
  isSocketDirectory(host) ? `${host}:${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`

/** A text as SQL writes it, whatever standard_conforming_strings says. */
const literal = (text: string): string => `E'${text.replace(/['\\]/g, '\\$&')}'`

/** One login at one server. */
export class Session {
  readonly openedAt = performance.now()
  readonly #client: Client
  readonly #stream: GuardedStream
  readonly #open: OpenSocket
  readonly #begin: readonly string[]
  readonly #place: Omit<Place, 'schema'>

  private constructor(
    address: Address,
    {
      login,
      open,
      stream,
    }: { readonly login: Login; readonly open: OpenSocket; readonly stream: GuardedStream },
  ) {
    this.#open = open
    this.#stream = stream
    const { user, password, database, options, searchPath } = login
    this.#client = new Client({
      host: address.host,
      port: address.port,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(database !== undefined && { database }),
      ...(options !== undefined && { options }),
      application_name: 'health-sidecar',
      ssl: false,
      sslnegotiation: 'postgres',
      enableChannelBinding: open.isEncrypted && login.channelBinding !== 'disable',
      stream: () => stream,
      keepAlive: true,
    })
    this.#place = { host: nameOf(address), database: this.#client.database ?? '' }
    this.#begin = [
      'begin read only',
      `set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
      ...(searchPath === undefined ? [] : [`select set_config('search_path', ${literal(searchPath)}, true)`]),
      'select current_schema() as schema',
    ]
  }

  /** Logs in over a socket. Throws what the server or the driver throws, Aborted or a Refusal; then nothing stays open. */
  static async start(
    address: Address,
    {
      login,
      open,
      signal,
    }: { readonly login: Login; readonly open: OpenSocket; readonly signal: AbortSignal },
  ): Promise<Session> {
    const guard = new LoginGuard({
      isEncrypted: open.isEncrypted,
      isPrivate: open.isEncrypted || isSocketDirectory(address.host),
      allowsClearPassword: login.allowsClearPassword,
      requireAuth: login.requireAuth,
      channelBinding: login.channelBinding,
    })
    const stream = new GuardedStream(open.socket, new MessageGuard(guard))
    try {
      const session = new Session(address, { login, open, stream })
      // node-postgres reports here what it cannot tie to a query, and throws if nobody listens
      session.#client.on('error', error => stream.destroy(error))
      await orAborted(session.#whileOpen(session.#client.connect()), signal, 'login')
      return session
    } catch (error) {
      stream.destroy()
      throw error
    }
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed
  }

  /** Resolves when the connection is gone. */
  get gone(): Promise<void> {
    return this.#stream.failure.catch(() => {})
  }

  /**
   * Asks in a read-only transaction. Settings hold for the transaction and not for the session, because a pooler may hand
   * the session on to the app. A connection whose state is unclear after an error is dropped.
   */
  async read<Row extends QueryResultRow>({
    text,
    values,
    signal,
    begin,
  }: SessionQuery): Promise<SessionRows<Row>> {
    try {
      const results = await orAborted(this.#run(this.#begin), begin, 'answer')
      const schema: unknown = [results].flat().at(-1)?.rows[0]?.['schema']
      const askedAt = performance.now()
      const { rows } = await orAborted(this.#query<Row>(text, values), signal, 'answer')
      const tookMs = performance.now() - askedAt
      await orAborted(this.#run(['commit']), signal, 'answer')
      return { rows, tookMs, place: { ...this.#place, schema: typeof schema === 'string' ? schema : null } }
    } catch (error) {
      if (error instanceof Aborted) cancelQuery(this.#client, this.#open.socket)
      if (endsConnection(error)) this.drop()
      else await orAborted(this.#run(['rollback']), signal, 'answer').catch(() => this.drop())
      throw error
    }
  }

  drop(): void {
    this.#stream.destroy()
  }

  /** Says goodbye to the server, and closes. */
  async close(): Promise<void> {
    if (!this.isOpen) return
    const closed = once(this.#stream, 'close')
    const late = setTimeout(() => this.drop(), CLOSE_MS)
    this.#client.end().catch(() => {})
    await closed.catch(() => {})
    clearTimeout(late)
  }

  async #run(statements: readonly string[]): Promise<QueryResult | QueryResult[]> {
    this.#stream.guard.expect(statements.length)
    return this.#whileOpen(this.#client.query(statements.join('; ')))
  }

  async #query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] | undefined,
  ): Promise<QueryResult<Row>> {
    this.#stream.guard.expect(1)
    return this.#whileOpen(this.#client.query<Row>(text, values && [...values]))
  }

  /** Ends with the connection, whatever the driver makes of its loss. */
  async #whileOpen<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {})
    return Promise.race([work, this.#stream.failure])
  }
}
