import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { GeneralReason } from '../../core/reason.ts'
import type { Check, CheckType } from '../../core/check.ts'
import { certificateOf } from '../../connect/certificate.ts'
import { connectionFailure } from '../../connect/connection-failure.ts'
import type { ConnectionFailureKind } from '../../connect/connection-failure.ts'
import { describeConnectionFailure, describeConnectionTimeout } from '../../connect/describe-connection.ts'
import { isLoopback, parseEndpoint } from '../../connect/endpoint.ts'
import type { Endpoint } from '../../connect/endpoint.ts'
import { openConnection } from '../../connect/open-connection.ts'
import type { Connection } from '../../connect/open-connection.ts'
import type { createTlsFiles } from '../../connect/tls-files.ts'
import { tlsContradictions, tlsWarnings } from '../../connect/tls-keys.ts'
import type { TlsConfig } from '../../connect/tls-keys.ts'
import { describeTlsFault, errorKind } from '../../connect/tls-problem.ts'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import type { CheckContext } from '../context.ts'
import { tcpSchema } from './config.ts'
import type { TcpConfig } from './config.ts'
import { converse } from './conversation.ts'
import { judgeCertificate } from './judge-certificate.ts'
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

/** Encrypts the connection. The certificate is judged here and not by Node, so that its own problem is told. */
const secured = async (
  socket: Socket,
  {
    files,
    where,
    serverName,
    signal,
  }: {
    readonly files: ReturnType<typeof createTlsFiles>
    readonly where: string
    readonly serverName: string
    readonly signal: AbortSignal
  },
): Promise<TLSSocket> => {
  const evidence = { target: where }
  const read = await files.read()
  if (!read.ok)
    throw new Ended({ status: 'unknown', reason: 'TCP_CA_UNREADABLE', message: read.message, evidence })
  const { startTls } = await import('../../connect/start-tls.ts')
  const encrypted = startTls(socket, { context: read.context, serverName })
  const failed = (message: string): Ended =>
    new Ended({ status: 'fail', reason: 'TCP_TLS_FAILED', message, evidence })
  try {
    const result = await beforeAbort(once(encrypted, 'secureConnect'), signal)
    if (result === TIME_IS_UP)
      throw failed(
        `${where} does not answer the TLS handshake in time: see its own log, and check that the port speaks TLS`,
      )
  } catch (error) {
    if (error instanceof Ended) throw error
    const code = codeOrUnknown(error)
    throw failed(describeTlsFault({ kind: errorKind(code) ?? 'closed', code }, { where, serverName }))
  }
  return encrypted
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

/** Only a check that encrypts needs the code of TLS. */
const filesOf = async (keys: TlsConfig) => (await import('../../connect/tls-files.ts')).createTlsFiles(keys)

const createTcp = (config: TcpConfig): Check<TcpReason | GeneralReason> => {
  const { target: where, tls } = config
  const endpoint = parseEndpoint(where)
  const serverName = tls?.server_name ?? ('host' in endpoint ? endpoint.host : 'localhost')
  let files: Promise<ReturnType<typeof createTlsFiles>> | undefined

  const ask = async (connection: Connection, signal: AbortSignal): Promise<TcpFinding> => {
    await connected(connection, { endpoint, where, signal })
    let judged: TcpFinding = { status: 'pass', evidence: { target: where } }
    let { socket } = connection
    if (tls) {
      const encrypted = await secured(socket, {
        files: await (files ??= filesOf(tls)),
        where,
        serverName,
        signal,
      })
      encrypted.on('error', () => {})
      if (tls.verify)
        judged = judgeCertificate(certificateOf(encrypted), { where, serverName, now: new Date() })
      socket = encrypted
    }
    if (judged.status !== 'fail') await talked(socket, { config, signal })
    return judged
  }

  return {
    run: async signal => {
      const connection = openConnection(endpoint)
      connection.socket.on('error', () => {})
      try {
        return await ask(connection, signal)
      } catch (error) {
        if (error instanceof Ended) return error.finding
        throw error
      } finally {
        connection.socket.destroy()
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Something accepts connections, answers as expected, and has a valid certificate. */
export const tcp: CheckType<TcpConfig, CheckContext, TcpReason> = {
  type: 'tcp',
  reasons: tcpReasons,
  componentType: 'component',
  schema: tcpSchema,
  looksAtShared: ({ target }) => !isLoopback(parseEndpoint(target)),
  contradictions: ({ tls }) => tlsContradictions(tls),
  warnings: tlsWarnings,
  create: createTcp,
}
