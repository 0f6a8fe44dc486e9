/** How an app is built and run. Times are milliseconds. */
export interface AppSpec {
  readonly workers: number
  /** Mean time of a worker for one page, without the database's. */
  readonly serviceMs: number
  /** So many requests wait at most; the next connection is refused. */
  readonly backlog: number
  readonly usesDatabase: boolean
  /** Workers keep their connections. Otherwise each page logs in. */
  readonly keepsConnections: boolean
  /** For so long a worker waits for a database that does not answer. */
  readonly databaseTimeoutMs: number
  /** A worker that takes longer over one request is killed; gunicorn's `timeout`, uWSGI's `harakiri`. */
  readonly workerTimeoutMs: number
  /** For so long a user's client waits. */
  readonly clientTimeoutMs: number
  /** How many clients of 1 try again whose request failed. */
  readonly retries: number
  /** After its start, pages take so many times longer, and ever less so until they are as usual. */
  readonly warmUp: { readonly factor: number; readonly ms: number }
}

/** What is wrong with the app of one host. */
export type AppFault =
  /** It does not run: no socket, or one that nothing listens on. */
  | { readonly kind: 'down'; readonly leavesSocket: boolean }
  /** Workers accept, and never answer. */
  | { readonly kind: 'stuck' }
  /** A share of all pages is an error page, or broken in another way. */
  | { readonly kind: 'bad-page'; readonly page: BadPage; readonly share: number }
  /** Pages take so many times longer. */
  | { readonly kind: 'slow'; readonly factor: number }

export type BadPage = 'error' | 'cut-short' | 'closed' | 'other-page' | 'redirect' | 'bad-request'

/** An app that is as fast at its start as ever. */
export const alwaysWarm: AppSpec['warmUp'] = { factor: 1, ms: 0 }
