import type { DatabaseProblem } from './reasons.ts'

export interface Query {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly signal: AbortSignal
  /** Ask through a new login, as the app's next worker would, and not through the kept connection. */
  readonly fresh?: boolean
}

/** Where an answer came from. It names no secret. */
export interface Place {
  /** `host:port`, or the path of a Unix socket. */
  readonly host: string
  readonly database: string
  /** The schema in which an unqualified name is found first; null if there is none. */
  readonly schema: string | null
}

export interface Answer<Row> {
  readonly ok: true
  readonly rows: readonly Row[]
  readonly place: Place
  /** How long the query alone took, in milliseconds: one way there and back, and no login. */
  readonly tookMs: number
  /** How often a kept connection to this database was cut so far: each time it may have restarted. */
  readonly cuts: number
  /** Parameters of the source that have no known meaning. */
  readonly unknownParameters: readonly string[]
  /** The table of golang-migrate, if the URL names one. */
  readonly migrationsTable?: string
}

/** Rows, or why there are none: a database that does not answer is a finding, not an error of the program. */
export type QueryAnswer<Row> = Answer<Row> | { readonly ok: false; readonly problem: DatabaseProblem }
