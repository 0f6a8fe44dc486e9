import { describeConnectionTimeout } from '../../connect/describe-connection.ts'
import type { ProgressSeen } from './app-progress.ts'
import type { Sent } from './concurrency-limit.ts'
import { placeOf } from './question.ts'
import type { Judgement, Question } from './question.ts'
import type { SmokeReason } from './reasons.ts'

/** A request that the app has not answered in time. */
export type Delay = Exclude<Sent, { kind: 'ended' }> | { readonly kind: 'backlog-full' }

interface Delayed {
  readonly reason: SmokeReason
  readonly what: string
  /** What to do about it if the app is stuck. */
  readonly advice: string
  /** Another cause, which an answer as expected has ruled out. */
  readonly atFirst?: string
}

interface Seen extends Question {
  readonly seen: ProgressSeen
}

/** What a delay means: the app is busy as long as it makes progress, and stuck otherwise. */
export const judgeDelay = (delay: Delay, context: Seen): Judgement =>
  judgeConnectionTimeout(delay, context) ?? judgeByProgress(describeDelay(delay, context), context)

/** A connection that timed out proves nothing if no packet was sent to the app. */
const judgeConnectionTimeout = (delay: Delay, question: Question): Judgement | undefined => {
  if (delay.kind !== 'timed-out') return undefined
  const { stage, elapsedMs } = delay
  if (stage !== 'resolving' && !(stage === 'connecting' && 'path' in question.target.endpoint))
    return undefined
  return {
    ...describeConnectionTimeout(stage, { ...placeOf(question), elapsedMs }),
    reason: stage === 'resolving' ? 'SMOKE_UNREACHABLE' : 'CHECK_TIMED_OUT',
  }
}

const describeDelay = (delay: Delay, { subject, target }: Question): Delayed => {
  if (delay.kind === 'backlog-full')
    return {
      reason: 'SMOKE_BACKLOG_FULL',
      what: `the listen backlog of ${target.text} is full`,
      advice: 'no worker of the app accepts requests; find what blocks them, or add workers',
    }
  if (delay.kind === 'not-sent')
    return {
      reason: 'SMOKE_REQUEST_HELD',
      what: `${subject} was sent ${seconds(delay.oldestMs)} ago and is still with a worker of the app, and so is the next one`,
      advice: STUCK,
    }
  const within = `within ${Math.round(delay.elapsedMs)} ms`
  if (delay.stage === 'connecting')
    return {
      reason: 'SMOKE_BACKLOG_FULL',
      what: `${target.text} did not accept a connection ${within}`,
      advice: 'its listen backlog is full, or a firewall drops the packets',
    }
  if (delay.stage === 'securing')
    return {
      reason: 'SMOKE_TLS_STALLED',
      what: `the TLS handshake with ${target.text} was not complete ${within}`,
      advice: `${STUCK}; or what listens there does not speak TLS and waits for more: check the target`,
    }
  if (delay.stage === 'answering')
    return {
      reason: 'SMOKE_TOO_SLOW',
      what: `the answer to ${subject} was begun, but not complete ${within}`,
      advice: "the page is slower than the check's timeout; make it faster, or set a longer timeout",
    }
  return {
    reason: 'SMOKE_NO_ANSWER',
    what: `${subject} was not answered ${within}`,
    advice: STUCK,
    atFirst: OTHER_PROTOCOL[target.protocol],
  }
}

/** A server that waits for the rest of what it takes for a request of its own protocol. */
const OTHER_PROTOCOL = {
  http: 'or the server speaks another protocol, such as TLS',
  https: 'or the server speaks another protocol inside TLS',
  uwsgi: 'or an HTTP server listens there and waits for more',
  fastcgi: 'or an HTTP server listens there and waits for more',
} as const

const STUCK = "every worker of the app is busy or stuck; see the app's log for what blocks them"

const judgeByProgress = ({ reason, what, advice, atFirst }: Delayed, { seen }: Seen): Judgement => {
  const stats = describeStats(seen)
  const otherCause = seen.answeredAgoMs === undefined && atFirst !== undefined ? `; ${atFirst}` : ''
  if (seen.isRecent)
    return {
      status: 'unknown',
      cause: 'busy',
      reason,
      ...(seen.answeredAgoMs !== undefined && { progress: true }),
      message: `${what}: ${describeProgress(seen)}${otherCause}${stats}`,
    }
  const since =
    seen.answeredAgoMs === undefined
      ? ''
      : `, and no answer as expected has come for ${seconds(seen.answeredAgoMs)}`
  return {
    status: 'fail',
    // nothing was sent, and the requests before are proof by now
    reason: reason === 'SMOKE_REQUEST_HELD' ? 'SMOKE_NO_ANSWER' : reason,
    silentForMs: seen.silentForMs,
    message: `${what}${since}: ${advice}${otherCause}${stats}`,
  }
}

const describeProgress = (seen: ProgressSeen): string => {
  if (seen.answeredAgoMs === undefined)
    return `the app may be busy; it counts as stuck if no answer comes within ${seconds(seen.mayBeSilentForMs)} of the first run`
  const late =
    seen.answeredAfterMs === undefined ? '' : `, and the last late one took ${tenths(seen.answeredAfterMs)}`
  return `the app is busy, but makes progress; its last answer as expected came ${seconds(seen.answeredAgoMs)} ago${late}`
}

const describeStats = ({ stats }: ProgressSeen): string => {
  if (!stats) return ''
  const completed =
    stats.requestsCompleted === undefined
      ? ''
      : `, ${stats.requestsCompleted} requests completed since the last run`
  return ` (uWSGI: ${stats.workersBusy} of ${stats.workers} workers busy, ${stats.listenQueue} requests in the listen queue${completed})`
}

const seconds = (durationMs: number): string => `${Math.round(durationMs / 1000)} s`

const tenths = (durationMs: number): string => `${Math.round(durationMs / 100) / 10} s`
