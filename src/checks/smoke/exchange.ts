import { connectionFailure } from '../../connect/connection-failure.ts'
import type { ConnectionFailureKind } from '../../connect/connection-failure.ts'
import type { ProxyVersion } from '../../connect/proxy-header.ts'
import type { TlsClient } from '../../connect/start-tls.ts'
import type { Certificate } from '../../connect/certificate.ts'
import { errorKind } from '../../connect/tls-problem.ts'
import type { TlsFault } from '../../connect/tls-problem.ts'
import type { Endpoint } from '../../connect/endpoint.ts'
import type { Connection } from '../../connect/open-connection.ts'

/** One complete request. An exchange adds only what its protocol needs. */
export interface SmokeRequest {
  readonly method: 'GET' | 'HEAD'
  readonly path: string
  /** The Host header. */
  readonly host: string
  readonly headers: { readonly [name: string]: string }
  /** The path of the script that FastCGI runs; with no other protocol. */
  readonly script?: string
  /** With https only. */
  readonly tls?: TlsClient
  /** The header that comes before all else; with http and https only. */
  readonly proxyProtocol?: ProxyVersion
  /** Bytes of the body to read. Bytes beyond that are not read. */
  readonly maxBodyBytes: number
}

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  /** By lower-case name. The values of a repeated header are joined with a comma. */
  readonly headers: { readonly [name: string]: string }
  /** At most `maxBodyBytes`. */
  readonly body: Buffer
  /** Whether the body is longer than what was read. */
  readonly truncated: boolean
  /** Of the server, if it is verified. */
  readonly certificate?: Certificate
}

/** How an exchange failed before an answer was complete. */
export type FailureKind =
  | ConnectionFailureKind
  /** The server closed the connection without a byte. */
  | 'closed'
  /** TLS failed, or the certificate is not accepted. No request was sent, unless the server said so late. */
  | 'tls'
  /** The connection ended inside the answer. */
  | 'cut-short'
  /** The answer is not HTTP. */
  | 'malformed'

export interface Failure {
  readonly kind: FailureKind
  /** The error's code, such as `ENOENT`. Its message is dropped: it can quote what was sent. */
  readonly code: string
  /** Of the kind `tls`. */
  readonly fault?: TlsFault
}

export type Outcome = Answer | Failure

/** How far an exchange has come: up to no connection, to no TLS, to no byte of the answer, to a part of the answer. */
export type Stage = 'resolving' | 'connecting' | 'securing' | 'waiting' | 'answering'

/** A request in flight, on its own connection. */
export interface Exchange {
  /** Never rejects. When it resolves, the connection is closed. */
  readonly outcome: Promise<Outcome>
  stage(): Stage
  /** Closes the connection at once, at any point of the exchange. */
  destroy(): void
}

/** How far an exchange on this connection has come. */
export const stageOf = (connection: Connection): Stage => {
  const stage = connection.stage()
  if (stage !== 'connected') return stage
  return connection.socket.bytesRead > 0 ? 'answering' : 'waiting'
}

/** What an error means at the point that the exchange had reached. */
export const failureAt = (stage: Stage, { code, endpoint }: FailureContext): Failure => {
  if (stage === 'resolving') return { kind: 'unreachable', code }
  if (stage === 'connecting') return connectionFailure(code, endpoint)
  const kind = errorKind(code)
  if (kind && stage !== 'answering') return { kind: 'tls', code, fault: { kind, code } }
  if (stage === 'securing') return { kind: 'tls', code, fault: { kind: 'closed', code } }
  if (stage === 'waiting') return { kind: 'closed', code }
  return { kind: 'cut-short', code }
}

interface FailureContext {
  readonly code: string
  readonly endpoint: Endpoint
}
