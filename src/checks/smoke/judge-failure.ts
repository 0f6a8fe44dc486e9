import type { Failure, Progress } from './exchange.ts'
import type { Judgement, Question } from './question.ts'
import { DEFAULT_BUFFER_SIZE_BYTES, encodePacket, variablesOf } from './uwsgi-packet.ts'

/** A uwsgi server that is sent HTTP takes the first bytes for a packet's size, and closes at once; on a busy host, soon. */
const AT_ONCE_MS = 1000

/** How long a uWSGI `http-socket` waits for the rest of what it takes for a request: `socket-timeout` is 4 s by default. */
const HTTP_SOCKET_WAIT_MS = { from: 3500, to: 6000 }

interface Ending extends Question {
  readonly elapsedMs: number
  /** Whether this check has ever had an answer: then the protocol is right. */
  readonly hasAnswered: boolean
}

/** What an exchange that ended without a whole answer means. */
export const judgeFailure = (failure: Failure, ending: Ending): Judgement => {
  const { kind, code } = failure
  const { target, subject } = ending
  const isSocketFile = 'path' in target.endpoint
  const where = target.text
  switch (kind) {
    case 'missing':
      return {
        status: 'fail',
        reason: 'SMOKE_SOCKET_MISSING',
        message: `there is no socket at ${where}: the app is not running, or listens elsewhere`,
      }
    case 'refused':
      return isSocketFile
        ? {
            status: 'fail',
            reason: 'SMOKE_SOCKET_STALE',
            message: `nothing listens on ${where}, though the file is there: the app has died and left its socket behind`,
          }
        : {
            status: 'fail',
            reason: 'SMOKE_CONNECTION_REFUSED',
            message: `${where} refuses the connection: the app is not running, or listens elsewhere`,
          }
    case 'forbidden':
      return {
        status: 'unknown',
        reason: 'SMOKE_SOCKET_FORBIDDEN',
        message: `health-sidecar may not connect to ${where} (${code}): give its user write permission on the socket and search permission on the directories above it`,
      }
    case 'backlog-full':
      return {
        status: 'fail',
        reason: 'SMOKE_BACKLOG_FULL',
        message: `the listen backlog of ${where} is full: the app does not keep up, or no worker of it accepts requests any more`,
      }
    case 'unreachable':
      return {
        status: 'unknown',
        reason: 'SMOKE_UNREACHABLE',
        message: `${where} cannot be reached (${code}): check the target, name resolution and the network of this host`,
      }
    case 'closed':
      return isMismatch(failure, ending) ? mismatch(ending) : closed(code, ending)
    case 'cut-short':
      return {
        status: 'fail',
        reason: 'SMOKE_RESPONSE_CUT_SHORT',
        message: `the answer to ${subject} ends in its midst (${code}): the worker died, or the app broke while it rendered the page`,
      }
    case 'malformed':
      return {
        status: 'fail',
        reason: 'SMOKE_RESPONSE_MALFORMED',
        message: `the answer to ${subject} is not HTTP that can be understood (${code}): check that the app's server is what listens on ${where}`,
      }
  }
}

/** Whether a connection that was closed without a byte looks as if the two ends spoke different protocols. */
const isMismatch = ({ kind }: Failure, { target, hasAnswered, elapsedMs }: Ending): boolean => {
  if (kind !== 'closed' || hasAnswered) return false
  return target.protocol === 'http'
    ? elapsedMs < AT_ONCE_MS
    : HTTP_SOCKET_WAIT_MS.from < elapsedMs && elapsedMs < HTTP_SOCKET_WAIT_MS.to
}

const mismatch = ({ target, subject, elapsedMs }: Ending): Judgement => {
  const [spoken, other] = target.protocol === 'http' ? ['HTTP', 'uwsgi'] : ['uwsgi', 'http']
  return {
    status: 'fail',
    reason: 'SMOKE_PROTOCOL_MISMATCH',
    message: `${subject} is not answered: the connection is closed without a byte after ${Math.round(elapsedMs)} ms, as when ${spoken} is sent to a socket that does not speak it; if so, write the target as ${other}${target.text.slice(target.protocol.length)}, and otherwise see the app's log for a worker that died`,
  }
}

const closed = (code: string, { target, request, subject }: Ending): Judgement => {
  const packetBytes = target.protocol === 'uwsgi' ? encodePacket(variablesOf(request)).length : 0
  const hint =
    packetBytes > DEFAULT_BUFFER_SIZE_BYTES
      ? `the request takes ${packetBytes} bytes, more than uWSGI's default buffer-size of ${DEFAULT_BUFFER_SIZE_BYTES}`
      : `a worker died, or was killed by harakiri or a timeout; the app's log says why`
  return {
    status: 'fail',
    reason: 'SMOKE_CLOSED',
    message: `${subject} is not answered: the app closed the connection without a byte (${code}): ${hint}`,
  }
}

/**
 * What it means that nothing was sent, as workers still hold the requests before. That is no new proof: those requests
 * have had their findings, and what those proved stands.
 */
export const judgeHeld = ({ subject, heldMs }: Question & { readonly heldMs: number }): Judgement => ({
  status: 'unknown',
  reason: 'SMOKE_REQUEST_HELD',
  message: `${subject} was sent ${Math.round(heldMs / 1000)} s ago and is still with a worker of the app, as is the one after it: they are stuck or overloaded; no other request is sent before one of them ends or is given up`,
})

/** What it means that the time was up when an exchange had come so far. */
export const judgeTimeout = (
  progress: Progress,
  ending: Ending & {
    /** How the request before, which was given up on as well, has ended; undefined where it has not. */
    readonly before: { readonly failure: Failure; readonly elapsedMs: number } | undefined
  },
): Judgement => {
  const { target, subject, elapsedMs, before } = ending
  const within = `within ${Math.round(elapsedMs)} ms`
  switch (progress) {
    case 'connecting':
      // on a Unix socket, connect(2) succeeds or fails at once
      if ('path' in target.endpoint)
        return {
          status: 'unknown',
          reason: 'CHECK_TIMED_OUT',
          message: `health-sidecar did not get to send ${subject} ${within}: this host is short of CPU`,
        }
      return {
        status: 'fail',
        reason: 'SMOKE_BACKLOG_FULL',
        message: `${target.text} did not accept a connection ${within}: its listen backlog is full, or something on the way drops the packets`,
      }
    case 'waiting': {
      const ended = before && { ...ending, elapsedMs: before.elapsedMs }
      if (ended && isMismatch(before.failure, ended)) return mismatch(ended)
      const orElse = target.protocol === 'uwsgi' ? ', or an HTTP server listens there and waits for more' : ''
      return {
        status: 'fail',
        reason: 'SMOKE_NO_ANSWER',
        message: `${subject} was not answered ${within}: every worker of the app is busy or stuck${orElse}`,
      }
    }
    case 'answering':
      return {
        status: 'fail',
        reason: 'SMOKE_TOO_SLOW',
        message: `the answer to ${subject} was begun, but not complete ${within}: the page is slower than the check's timeout`,
      }
  }
}
