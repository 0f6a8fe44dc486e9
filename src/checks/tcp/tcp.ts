import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { CheckType } from '../../core/check.ts'
import { connectionFailure } from '../../connect/connection-failure.ts'
import type { ConnectionFailureKind } from '../../connect/connection-failure.ts'
import { describeConnectionFailure, describeConnectionTimeout } from '../../connect/describe-connection.ts'
import { isLoopback, parseEndpoint } from '../../connect/endpoint.ts'
import type { Endpoint } from '../../connect/endpoint.ts'
import { openConnection } from '../../connect/open-connection.ts'
import type { Connection } from '../../connect/open-connection.ts'
import { readTextFile } from '../../files/files.ts'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import type { CheckContext } from '../context.ts'
import { certificateOf, judgeCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { tcpSchema } from './config.ts'
import type { TcpConfig } from './config.ts'
import { converse } from './conversation.ts'
import { tcpReasons } from './reasons.ts'
import type { TcpFinding, TcpReason } from './reasons.ts'

const connectionReasons: { readonly [Kind in ConnectionFailureKind]: TcpReason } = {
  missing: 'TCP_SOCKET_MISSING',
  stale: 'TCP_SOCKET_STALE',
  refused: 'TCP_CONNECTION_REFUSED',
  forbidden: 'TCP_SOCKET_FORBIDDEN',
  'backlog-full': 'TCP_BACKLOG_FULL',
  hung: 'TCP_UNREACHABLE',
  unreachable: 'TCP_UNREACHABLE',
}

/** Thrown with the finding that a step ends with. */
class Ended extends Error {
  readonly finding: TcpFinding
  constructor(finding: TcpFinding) {
    super()
    this.finding = finding
  }
}

const connected = async (
  connection: Connection,
  {
    endpoint,
    where,
    signal,
  }: { readonly endpoint: Endpoint; readonly where: string; readonly signal: AbortSignal },
): Promise<void> => {
  const startedAt = performance.now()
  const evidence = { target: where }
  try {
    const result = await beforeAbort(once(connection.socket, 'connect'), signal)
    const at = connection.stage()
    if (result !== TIME_IS_UP || at === 'connected') return
    const elapsedMs = performance.now() - startedAt
    const problem = describeConnectionTimeout(at, { endpoint, where, elapsedMs })
    const reason = at === 'resolving' || 'path' in endpoint ? 'TCP_UNREACHABLE' : 'TCP_BACKLOG_FULL'
    throw new Ended({ ...problem, reason, evidence })
  } catch (error) {
    if (error instanceof Ended) throw error
    const code = codeOrUnknown(error)
    const failure =
      connection.stage() === 'resolving'
        ? ({ kind: 'unreachable', code } as const)
        : connectionFailure(code, endpoint)
    const problem = describeConnectionFailure(failure, { endpoint, where })
    throw new Ended({ ...problem, reason: connectionReasons[failure.kind], evidence: { ...evidence, code } })
  }
}

const authorities = async (path: string, where: string): Promise<string> => {
  try {
    return await readTextFile(path)
  } catch (error) {
    throw new Ended({
      status: 'unknown',
      reason: 'TCP_CA_UNREADABLE',
      message: `cannot read tls.ca_file ${path} (${codeOrUnknown(error)}): correct the path, or its permissions`,
      evidence: { target: where },
    })
  }
}

/** What OpenSSL says of an answer that is no TLS. */
const PLAIN_TEXT = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'])

/** Encrypts the connection. The certificate is judged here and not by Node, so that its own problem is told. */
const secured = async (
  socket: Socket,
  {
    tls,
    where,
    host,
    signal,
  }: { readonly where: string; readonly host: string; readonly signal: AbortSignal } & {
    readonly tls: NonNullable<TcpConfig['tls']>
  },
): Promise<{ readonly socket: Socket; readonly certificate: Certificate }> => {
  const ca = tls.ca_file === undefined ? undefined : await authorities(tls.ca_file, where)
  const { connect } = await import('node:tls')
  const servername = tls.server_name ?? host
  const encrypted = connect({
    socket,
    // an IP address is no server name (RFC 6066, section 3)
    ...(!/^[\d.]+$|:/.test(servername) && { servername }),
    host: servername,
    rejectUnauthorized: false,
    ...(ca !== undefined && { ca }),
  })
  const failed = (why: string): Ended =>
    new Ended({
      status: 'fail',
      reason: 'TCP_TLS_FAILED',
      message: `${where} does not complete a TLS handshake (${why}): ${
        PLAIN_TEXT.has(why)
          ? 'it answers in plain text; take its TLS port, because a switch to TLS (STARTTLS) is not understood'
          : 'check that TLS is what the port speaks'
      }`,
      evidence: { target: where },
    })
  try {
    const result = await beforeAbort(once(encrypted, 'secureConnect'), signal)
    if (result === TIME_IS_UP) throw failed('no answer in time')
  } catch (error) {
    throw error instanceof Ended ? error : failed(codeOrUnknown(error))
  }
  return { socket: encrypted, certificate: certificateOf(encrypted) }
}

const talked = async (
  socket: Socket,
  { config, signal }: { readonly config: TcpConfig; readonly signal: AbortSignal },
): Promise<void> => {
  const { target: where, send, expect } = config
  const answered = await beforeAbort(converse(socket, { send, expect }), signal)
  const evidence = { target: where }
  if (answered === TIME_IS_UP)
    throw new Ended({
      status: 'fail',
      reason: 'TCP_NO_ANSWER',
      message: `${where} accepted the connection, but did not send the expected text in time: see its own log`,
      evidence,
    })
  if (answered.kind === 'closed')
    throw new Ended({
      status: 'fail',
      reason: 'TCP_CLOSED',
      message: `${where} closed the connection without an answer (${answered.code}): see its own log`,
      evidence,
    })
  if (answered.kind === 'unexpected')
    throw new Ended({
      status: 'fail',
      reason: 'TCP_ANSWER_UNEXPECTED',
      message: `the answer of ${where} does not contain the expected text: check what listens there`,
      evidence,
    })
}

const runOnce = async (config: TcpConfig, signal: AbortSignal): Promise<TcpFinding> => {
  const { target: where, tls } = config
  const endpoint = parseEndpoint(where)
  const connection = openConnection(endpoint)
  connection.socket.on('error', () => {})
  try {
    await connected(connection, { endpoint, where, signal })
    const host = 'host' in endpoint ? endpoint.host : 'localhost'
    const secure = tls && (await secured(connection.socket, { tls, where, host, signal }))
    secure?.socket.on('error', () => {})
    const judged: TcpFinding = secure
      ? judgeCertificate(secure.certificate, { where, now: new Date() })
      : { status: 'pass', evidence: { target: where } }
    if (judged.status === 'fail') return judged
    await talked(secure?.socket ?? connection.socket, { config, signal })
    return judged
  } catch (error) {
    if (error instanceof Ended) return error.finding
    throw error
  } finally {
    connection.socket.destroy()
  }
}

/** Something accepts connections, answers as expected, and has a valid certificate. */
export const tcp: CheckType<TcpConfig, CheckContext, TcpReason> = {
  type: 'tcp',
  reasons: tcpReasons,
  componentType: 'component',
  schema: tcpSchema,
  looksAtShared: ({ target }) => !isLoopback(parseEndpoint(target)),
  create: config => ({
    run: signal => runOnce(config, signal),
    async [Symbol.asyncDispose]() {},
  }),
}
