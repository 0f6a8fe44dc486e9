import { hasSocketFile } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'

/** How an attempt to connect failed. */
export type ConnectionFailureKind =
  /** There is no socket file. */
  | 'missing'
  /** There is a socket file, but nothing listens on it. */
  | 'stale'
  /** Nothing listens on that port. */
  | 'refused'
  /** This user may not connect. */
  | 'forbidden'
  /** The listen backlog of a Unix socket is full. */
  | 'backlog-full'
  /** The path of a Unix socket is on a file system that does not answer. */
  | 'hung'
  /** Anything else: name resolution, routes, too many open files. It proves nothing against the server. */
  | 'unreachable'

export interface ConnectionFailure {
  readonly kind: ConnectionFailureKind
  /** The error's code, such as `ENOENT`. */
  readonly code: string
}

const kinds: { readonly [code: string]: ConnectionFailureKind } = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  // connect(2) on a Unix socket whose listen backlog is full
  EAGAIN: 'backlog-full',
  HUNG: 'hung',
}

/** What the code of an error means that came while a connection was opened. */
export const connectionFailure = (code: string, endpoint: Endpoint): ConnectionFailure => {
  if (code === 'ECONNREFUSED') return { kind: hasSocketFile(endpoint) ? 'stale' : 'refused', code }
  return { kind: kinds[code] ?? 'unreachable', code }
}
