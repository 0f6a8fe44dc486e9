import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect } from 'node:tls'
import type { SecureContext, TLSSocket } from 'node:tls'

/** How to encrypt a connection. */
export interface TlsClient {
  readonly context: SecureContext
  /** The name or address that the certificate must be for. */
  readonly serverName: string
  /** Whether the certificate must be right. If not, any is taken. */
  readonly verify: boolean
}

/**
 * Starts a TLS handshake on an open connection. The caller handles the `error` event. The certificate is not judged here:
 * `certificateOf` tells what Node found out about it, so that its own problem can be told.
 */
export const startTls = (socket: Socket, { context, serverName }: Omit<TlsClient, 'verify'>): TLSSocket =>
  connect({
    socket,
    secureContext: context,
    // an IP address is no server name (RFC 6066, section 3)
    ...(isIP(serverName) === 0 && { servername: serverName }),
    host: serverName,
    rejectUnauthorized: false,
  })
