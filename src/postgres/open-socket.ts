import { once } from 'node:events'
import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls, getCACertificates } from 'node:tls'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import { connectSocket } from '../connect/connect-socket.ts'
import { codeOf } from '../lib/describe-error.ts'
import type { Address, SslMode, TlsSettings } from './login.ts'
import { Aborted } from './problem.ts'
import { Refusal } from './refusal.ts'

/** The certificates and the key of a login, as read from their files. */
export interface Credentials {
  readonly ca?: string | readonly string[]
  readonly cert?: string
  readonly key?: string
}

export interface OpenSocket {
  readonly socket: Socket
  readonly isEncrypted: boolean
}

/** How to connect to one address. `mode` is `allow` or `prefer` no more: the caller tries the alternatives. */
export interface SocketOptions {
  readonly tls: TlsSettings
  readonly credentials: Credentials
  /** Whether a server without TLS will do. */
  readonly mayBePlain: boolean
  readonly signal: AbortSignal
}

const tlsFailed = (says: string, cause?: unknown): Refusal =>
  new Refusal('DATABASE_TLS_FAILED', says, { cause })

export const isSocketDirectory = (host: string): boolean => host.startsWith('/') || host.startsWith('@')

const targetOf = ({ host, hostaddr, port }: Address) =>
  isSocketDirectory(host)
    ? { path: `${host.replace(/^@/, '\0')}/.s.PGSQL.${port}` }
    : { host: hostaddr ?? host, port }

/** SSLRequest (manual, "Message Formats"): a length of 8, and a code in place of a protocol version. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** The one byte with which a server answers an SSLRequest. More would come from somebody between (CVE-2021-23222). */
const answerToSslRequest = async (socket: Socket): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  socket.once('data', chunk => {
    socket.pause()
    resolve(chunk)
  })
  const onClose = () => reject(new Error('Connection terminated'))
  socket.once('close', onClose).once('error', reject)
  try {
    socket.write(SSL_REQUEST)
    const reply = await promise
    return reply.length === 1 ? reply.toString('latin1') : ''
  } finally {
    socket.off('close', onClose).off('error', reject)
  }
}

const verifies = (mode: SslMode): boolean => mode === 'verify-ca' || mode === 'verify-full'

const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
const versionOf = (name: string | undefined): SecureVersion | undefined =>
  versions.find(known => known === name)

const authorities = ({ rootCert }: TlsSettings, { ca }: Credentials): ConnectionOptions => {
  if (rootCert === 'system') return { ca: getCACertificates('system') }
  return ca === undefined ? {} : { ca: [ca].flat() }
}

const optionsOf = ({ host }: Address, { tls, credentials }: SocketOptions): ConnectionOptions => {
  const { cert, key } = credentials
  const minVersion = versionOf(tls.minVersion)
  const maxVersion = versionOf(tls.maxVersion)
  return {
    host,
    // RFC 6066, section 3: the name of a server is no address
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: verifies(tls.mode),
    ...(tls.mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(tls.negotiation === 'direct' && { ALPNProtocols: ['postgresql'] }),
    ...authorities(tls, credentials),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(tls.keyPassword !== undefined && { passphrase: tls.keyPassword }),
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
  }
}

const startTls = (socket: Socket, options: ConnectionOptions): Socket => {
  try {
    return connectTls({ ...options, socket })
  } catch (cause) {
    throw tlsFailed(
      'has a certificate or a key in its source that cannot be used; check sslcert and sslkey',
      cause,
    )
  }
}

const HANDSHAKE =
  'does not complete the TLS handshake; check its TLS versions and whether it wants a client certificate'

/** Connects, and encrypts if that is asked for. Throws what the network or TLS throws, Aborted or a Refusal. */
export const openSocket = async (address: Address, options: SocketOptions): Promise<OpenSocket> => {
  const { tls, mayBePlain, signal } = options
  let socket: Socket = connectSocket(targetOf(address))
  const abort = () => socket.destroy(new Aborted('login'))
  // an error that nobody awaits any more
  socket.on('error', () => {})
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort)
  try {
    await once(socket, 'connect')
    if (tls.mode === 'disable' || isSocketDirectory(address.host)) return { socket, isEncrypted: false }
    if (tls.negotiation === 'postgres') {
      const answer = await answerToSslRequest(socket)
      if (answer === 'N' && mayBePlain) return { socket, isEncrypted: false }
      if (answer === 'N') throw tlsFailed('offers no TLS, which sslmode asks for')
      if (answer !== 'S')
        throw new Refusal(
          'DATABASE_ANSWER_INVALID',
          'answers the request for TLS with something else; is it Postgres that listens there?',
        )
    }
    socket = startTls(socket, optionsOf(address, options))
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    return { socket, isEncrypted: true }
  } catch (error) {
    const wasEncrypting = 'encrypted' in socket
    socket.destroy()
    throw wasEncrypting && codeOf(error) === 'ECONNRESET' ? tlsFailed(HANDSHAKE, error) : error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
