import type { ConnectionFailureKind } from '../../connect/connection-failure.ts'
import { describeConnectionFailure } from '../../connect/describe-connection.ts'
import { describeTlsFault } from '../../connect/tls-problem.ts'
import type { TlsFault, TlsProblemKind } from '../../connect/tls-problem.ts'
import type { Failure } from './exchange.ts'
import type { Judgement, Question } from './question.ts'
import { placeOf } from './question.ts'
import type { SmokeReason } from './reasons.ts'
import { DEFAULT_BUFFER_SIZE_BYTES, encodePacket, variablesOf } from './uwsgi-packet.ts'

/** A uwsgi server reads the first bytes of HTTP as a packet's size, and closes at once. On a busy host, that is soon. */
const AT_ONCE_MS = 1000

/** How long a uWSGI `http-socket` waits for the rest of a request: `socket-timeout` is 4 s by default. */
const HTTP_SOCKET_WAIT_MS = { from: 3500, to: 6000 }

const connectionReasons: { readonly [Kind in ConnectionFailureKind]: SmokeReason } = {
  missing: 'SMOKE_SOCKET_MISSING',
  stale: 'SMOKE_SOCKET_STALE',
  refused: 'SMOKE_CONNECTION_REFUSED',
  forbidden: 'SMOKE_SOCKET_FORBIDDEN',
  'backlog-full': 'SMOKE_BACKLOG_FULL',
  hung: 'SMOKE_UNREACHABLE',
  unreachable: 'SMOKE_UNREACHABLE',
}

const tlsReasons: { readonly [Kind in TlsProblemKind]: SmokeReason } = {
  expired: 'SMOKE_CERTIFICATE_EXPIRED',
  'not-yet-valid': 'SMOKE_CERTIFICATE_NOT_YET_VALID',
  'wrong-name': 'SMOKE_CERTIFICATE_NAME_WRONG',
  'self-signed': 'SMOKE_CERTIFICATE_SELF_SIGNED',
  'unknown-authority': 'SMOKE_CERTIFICATE_UNTRUSTED',
  certificate: 'SMOKE_CERTIFICATE_REFUSED',
  'not-tls': 'SMOKE_PROTOCOL_MISMATCH',
  version: 'SMOKE_TLS_VERSION',
  'client-certificate': 'SMOKE_CLIENT_CERTIFICATE',
  'name-refused': 'SMOKE_CERTIFICATE_NAME_WRONG',
  closed: 'SMOKE_TLS_FAILED',
  handshake: 'SMOKE_TLS_FAILED',
}

const judgeTls = (fault: TlsFault, { target, request }: Question): Judgement => ({
  status: 'fail',
  reason: tlsReasons[fault.kind],
  message: describeTlsFault(fault, {
    where: target.text,
    serverName: request.tls?.serverName ?? request.host,
  }),
})

interface Ending extends Question {
  readonly elapsedMs: number
  /** Whether this check has ever had an answer. If so, the protocol is right. */
  readonly hasAnswered: boolean
}

/** What an exchange means that ended without a complete answer. */
export const judgeFailure = (failure: Failure, ending: Ending): Judgement => {
  const { kind, code, fault } = failure
  const { target, subject } = ending
  if (kind === 'closed') return isMismatch(ending) ? mismatch(ending) : closed(code, ending)
  if (kind === 'cut-short')
    return {
      status: 'fail',
      reason: 'SMOKE_RESPONSE_CUT_SHORT',
      message: `the answer to ${subject} is truncated (${code}): a worker died, or the app broke while it rendered the page; see the app's log`,
    }
  if (fault) return judgeTls(fault, ending)
  if (code === 'TLS')
    return {
      status: 'fail',
      reason: 'SMOKE_PROTOCOL_MISMATCH',
      message: `${target.text} speaks TLS, and the check sends plain HTTP: write the target as https${target.text.slice('http'.length)}`,
    }
  if (code === 'HTTP2')
    return {
      status: 'fail',
      reason: 'SMOKE_PROTOCOL_MISMATCH',
      message: `${target.text} speaks HTTP/2 only, and the check speaks plain HTTP/1.1: name a socket of the app that speaks that`,
    }
  if (code === 'NOT_FASTCGI')
    return {
      status: 'fail',
      reason: 'SMOKE_PROTOCOL_MISMATCH',
      message: `the answer to ${subject} is not FastCGI: an HTTP server may listen on ${target.text}; if so, write the target as http${target.text.slice('fastcgi'.length)}`,
    }
  if (kind === 'malformed' || kind === 'tls')
    return {
      status: 'fail',
      reason: 'SMOKE_RESPONSE_MALFORMED',
      message: `the answer to ${subject} is not valid HTTP (${code}): check that the app's server is what listens on ${target.text}`,
    }
  return { ...describeConnectionFailure({ kind, code }, placeOf(ending)), reason: connectionReasons[kind] }
}

/** Whether a connection that was closed without a byte looks as if the two ends use different protocols. */
const isMismatch = ({ target, hasAnswered, elapsedMs }: Ending): boolean => {
  if (hasAnswered || target.protocol === 'fastcgi' || target.protocol === 'https') return false
  return target.protocol === 'http'
    ? elapsedMs < AT_ONCE_MS
    : HTTP_SOCKET_WAIT_MS.from < elapsedMs && elapsedMs < HTTP_SOCKET_WAIT_MS.to
}

/** The causes of a connection that is closed without a byte, likeliest first. */
const causesOf = ({ target }: Ending): string => {
  const other = `${target.protocol === 'http' ? 'uwsgi' : 'http'}${target.text.slice(target.protocol.length)}`
  if (target.protocol === 'uwsgi') return `an HTTP server listens there: write the target as ${other}`
  return 'path' in target.endpoint
    ? `a uwsgi server listens there: write the target as ${other}; or the server expects TLS, the PROXY protocol (the check's proxy_protocol) or FastCGI, or refuses this Host without an answer (as nginx does with 444)`
    : "the server expects TLS, the PROXY protocol (the check's proxy_protocol), FastCGI or uwsgi, or refuses this Host without an answer (as nginx does with 444)"
}

const mismatch = (ending: Ending): Judgement => ({
  status: 'fail',
  reason: 'SMOKE_PROTOCOL_MISMATCH',
  message: `${ending.subject} is not answered: the connection is closed without a byte after ${Math.round(ending.elapsedMs)} ms. Likely causes: ${causesOf(ending)}; or a worker died, and the app's log says why`,
})

/** TLS 1.3 completes the handshake before the server asks for a certificate in vain. */
const CLIENT_CERTIFICATE =
  '; or the server wants a certificate of its client: set tls.cert_file and tls.key_file'

const closed = (code: string, { target, request, subject, hasAnswered }: Ending): Judgement => {
  const packetBytes = target.protocol === 'uwsgi' ? encodePacket(variablesOf(request)).length : 0
  const hint =
    packetBytes > DEFAULT_BUFFER_SIZE_BYTES
      ? `the request takes ${packetBytes} bytes, more than uWSGI's default buffer-size of ${DEFAULT_BUFFER_SIZE_BYTES}`
      : `a worker died, or was killed by harakiri or a timeout; see the app's log${target.protocol === 'https' && !hasAnswered ? CLIENT_CERTIFICATE : ''}`
  return {
    status: 'fail',
    reason: 'SMOKE_CLOSED',
    message: `${subject} is not answered: the app closed the connection without a byte (${code}): ${hint}`,
  }
}
