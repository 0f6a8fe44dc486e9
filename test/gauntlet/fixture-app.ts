import { readFile, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'pg'

/** How the app meets one request. */
export type Page =
  /** renders, after a query to the database; 500 where that fails */
  | 'page'
  /** renders without asking the database */
  | 'static'
  /** accepts, and never answers */
  | 'hang'
  /** closes the connection without a byte */
  | 'close'
  /** ends in the midst of the body */
  | 'cut-short'
  /** 200, but not the page */
  | 'other-page'
  | { readonly status: number; readonly location?: string }
  | { readonly afterMs: number }
  /** renders after so many queries, one after the other */
  | { readonly queries: number }

/** Decides for each request, by how many there were before, and the milliseconds since the app was started. */
export type Behaviour = (request: { readonly count: number; readonly upMs: number }) => Page

const BODY = '<h1>Welcome</h1>'

/** A small web app on a Unix socket whose behaviour a scenario drives. It needs its database, as apps do. */
export class FixtureApp implements AsyncDisposable {
  readonly path: string
  readonly #envFile: string
  readonly #databaseTimeoutMs: number
  #server: Server | undefined
  #pool: Pool | undefined
  #startedAt = 0
  #behaviour: Behaviour = () => 'page'
  /** Requests so far, and those that were under way together at most. */
  requests = 0
  mostAtOnce = 0
  #atOnce = 0

  constructor(path: string, options: { readonly envFile: string; readonly databaseTimeoutMs: number }) {
    this.path = path
    this.#envFile = options.envFile
    this.#databaseTimeoutMs = options.databaseTimeoutMs
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour
  }

  /** Takes its environment from the file, as it is now, and listens. A socket that was left behind is replaced. */
  async start(): Promise<void> {
    await this.reload()
    const server = createServer((request, response) => void this.#answer(request, response))
    // listened on beside, then moved over, as servers do that reload without a gap
    const beside = `${this.path}.${process.hrtime.bigint()}`
    server.listen(beside)
    await once(server, 'listening')
    await rename(beside, this.path)
    const before = this.#server
    this.#server = server
    this.#startedAt = performance.now()
    before?.close()
    before?.closeIdleConnections()
  }

  /** Takes its environment anew. */
  async reload(): Promise<void> {
    const text = await readFile(this.#envFile, 'utf8').catch(() => '')
    const url = /^DATABASE_URL=(.*)$/m.exec(text)?.[1]
    void this.#pool?.end().catch(() => {})
    const timeoutMs = this.#databaseTimeoutMs
    this.#pool = new Pool({
      ...(url !== undefined && { connectionString: url }),
      max: 4,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    })
    this.#pool.on('error', () => {})
  }

  /** Dies. The socket's file goes with it, or stays behind. */
  async die(options: { readonly leavesSocket?: boolean } = {}): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!options.leavesSocket) await rm(this.path, { force: true })
    server?.closeAllConnections()
    server?.close()
  }

  async #answer(_request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    this.#atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce)
    response.on('close', () => (this.#atOnce -= 1))
    response.on('error', () => {})
    const page = this.#behaviour({ count: this.requests, upMs: performance.now() - this.#startedAt })
    if (page === 'hang') return
    if (page === 'close') return void response.destroy()
    if (page === 'cut-short') {
      response.writeHead(200, { 'content-length': '1000' }).write(BODY)
      return void setTimeout(() => response.destroy(), 1)
    }
    if (page === 'other-page') return void response.end('<h1>It works!</h1>')
    if (typeof page === 'object' && 'status' in page)
      return void response.writeHead(page.status, page.location ? { location: page.location } : {}).end('no')
    if (typeof page === 'object' && 'afterMs' in page) await delay(page.afterMs)
    const queries = typeof page === 'object' && 'queries' in page ? page.queries : 1
    const rendered = page === 'static' || (await this.#query(queries))
    response.writeHead(rendered ? 200 : 500).end(rendered ? BODY : 'OperationalError')
  }

  async #query(times: number): Promise<boolean> {
    try {
      for (let i = 0; i < times; i += 1) await this.#pool?.query('select 1')
      return true
    } catch {
      return false
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die()
    // a pool whose server is out of reach does not end
    void this.#pool?.end().catch(() => {})
  }
}
