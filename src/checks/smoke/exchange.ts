/** One request, complete: nothing is added to it on the way but what the protocol itself needs. */
export interface SmokeRequest {
  readonly method: 'GET' | 'HEAD'
  readonly path: string
  /** The Host header. */
  readonly host: string
  readonly headers: { readonly [name: string]: string }
  /** Bytes of the body to read; the rest is left unread. */
  readonly maxBodyBytes: number
}

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  /** By lower-case name; those that came more than once are joined with a comma. */
  readonly headers: { readonly [name: string]: string }
  /** At most `maxBodyBytes`. */
  readonly body: Buffer
  /** Whether there was more of the body than was read. */
  readonly truncated: boolean
}

/** How an exchange failed before an answer was complete. */
export type FailureKind =
  'missing' | 'refused' | 'forbidden' | 'backlog-full' | 'unreachable' | 'closed' | 'cut-short' | 'malformed'

export interface Failure {
  readonly kind: FailureKind
  /** The error's code, such as `ENOENT`. Its message stays behind: it can quote what was sent. */
  readonly code: string
}

export type Outcome = Answer | Failure

/** How far an exchange has come: no connection yet, no byte of the answer yet, or within the answer. */
export type Progress = 'connecting' | 'waiting' | 'answering'

/** A request under way on a connection of its own. */
export interface Exchange {
  /** Never rejects. Once it has resolved, the connection is gone. */
  readonly outcome: Promise<Outcome>
  progress(): Progress
  /** Drops the connection at once, wherever the exchange stands. */
  destroy(): void
}

const connectFailures: { readonly [code: string]: FailureKind } = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ECONNREFUSED: 'refused',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  // connect(2) on a Unix socket whose listen backlog is full
  EAGAIN: 'backlog-full',
}

/** What an error means at the point that the exchange had reached. */
export const failureAt = (progress: Progress, code: string): Failure => {
  if (progress === 'connecting') return { kind: connectFailures[code] ?? 'unreachable', code }
  if (progress === 'waiting') return { kind: 'closed', code }
  return { kind: 'cut-short', code }
}
