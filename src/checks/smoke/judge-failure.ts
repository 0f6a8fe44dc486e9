import type { Problem } from '../../core/finding.ts'
import type { Failure, Progress } from './exchange.ts'
import type { Target } from './target.ts'

type Judgement = Omit<Problem, 'evidence'>

interface Question {
  readonly target: Target
  /** How messages name the request, such as `GET / on http+unix:/run/app.sock`. */
  readonly subject: string
}

/** What an exchange that ended without a whole answer means. */
export const judgeFailure = ({ kind, code }: Failure, { target, subject }: Question): Judgement => {
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
      return {
        status: 'fail',
        reason: 'SMOKE_CLOSED',
        message: `${subject} is not answered: the app closed the connection without a byte (${code}), as when a worker dies or the socket speaks the uwsgi protocol`,
      }
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

/** What it means that the time was up when an exchange had come so far. */
export const judgeTimeout = (
  progress: Progress,
  { target, subject, elapsedMs }: Question & { readonly elapsedMs: number },
): Judgement => {
  const after = `within ${Math.round(elapsedMs)} ms`
  switch (progress) {
    case 'connecting':
      return {
        status: 'fail',
        reason: 'SMOKE_BACKLOG_FULL',
        message: `${target.text} did not accept a connection ${after}: its listen backlog is full, or something on the way drops the packets`,
      }
    case 'waiting':
      return {
        status: 'fail',
        reason: 'SMOKE_NO_ANSWER',
        message: `${subject} was not answered ${after}: every worker of the app is busy or stuck`,
      }
    case 'answering':
      return {
        status: 'fail',
        reason: 'SMOKE_TOO_SLOW',
        message: `the answer to ${subject} was begun, but not complete ${after}: the page is slower than the check's timeout`,
      }
  }
}
