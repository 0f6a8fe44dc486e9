import { daysLeft } from '../../connect/certificate.ts'
import type { Endpoint } from '../../connect/endpoint.ts'
import type { SmokeFinding } from './reasons.ts'
import { firstLines } from './error-page.ts'
import type { Answer, Exchange, Outcome, SmokeRequest } from './exchange.ts'
import type { Evidence } from '../../core/finding.ts'
import { toTenths } from '../../lib/round.ts'
import type { AppProgress, ProgressSeen } from './app-progress.ts'
import { pause } from './clock.ts'
import type { SmokeClock } from './clock.ts'
import type { Sample } from './combine-samples.ts'
import type { ConcurrencyLimit, LateEnd, Sent } from './concurrency-limit.ts'
import { judgeDelay } from './judge-delay.ts'
import type { Delay } from './judge-delay.ts'
import { judgeFailure } from './judge-failure.ts'
import { judgeInTime } from './judge-in-time.ts'
import { releaseEvidence } from './judge-release.ts'
import { redirectTarget } from './judge-redirect.ts'
import type { Question } from './question.ts'
import type { Target } from './target.ts'

/** Sends requests and judges their outcome. */
export interface Ask {
  /** Sends one request. */
  send(question: Question, signal: AbortSignal): Promise<Sample>
  /** What answers proved that came after their request was given up on. Each is returned once. */
  takeLate(): SmokeFinding | undefined
}

/** The pause before another attempt to connect, if the listen backlog is full. */
const RETRY_MS = 100

/** Starts one exchange with an endpoint. */
type StartExchange = (endpoint: Endpoint, request: SmokeRequest) => Exchange

/** The client of a protocol. */
export type ExchangeOver = (protocol: Target['protocol']) => Promise<StartExchange>

/** It is loaded when it is first needed. */
const exchangeOverNetwork: ExchangeOver = async protocol => {
  switch (protocol) {
    case 'https':
    case 'http':
      return (await import('./http-exchange.ts')).exchangeOverHttp
    case 'uwsgi':
      return (await import('./uwsgi-exchange.ts')).exchangeOverUwsgi
    case 'fastcgi':
      return (await import('./fastcgi-exchange.ts')).exchangeOverFastcgi
  }
}

export const createAsk = (options: {
  readonly limit: ConcurrencyLimit
  readonly progress: AppProgress
  readonly showErrorPage: boolean
  readonly clock: SmokeClock
  readonly exchangeOver?: ExchangeOver
}): Ask => {
  const { limit, progress, showErrorPage, clock, exchangeOver = exchangeOverNetwork } = options
  let hasAnswered = false
  let late: SmokeFinding | undefined

  const judge = (answer: Answer, question: Question & { readonly latencyMs: number }): SmokeFinding => {
    hasAnswered = true
    const evidence = {
      httpStatus: answer.status,
      bodyBytes: answer.body.length,
      ...releaseEvidence(answer, question),
      ...(answer.certificate && { certificateDaysLeft: daysLeft(answer.certificate, new Date()) }),
    }
    const judgement = judgeInTime(answer, { ...question, seen: progress.look() })
    if (!judgement) return { status: 'pass', evidence }
    const page = showErrorPage && judgement.status === 'fail' && { page: firstLines(answer.body) }
    const redirectedTo = judgement.status === 'fail' ? redirectTarget(answer, question) : undefined
    return { ...judgement, evidence: { ...evidence, ...page, ...(redirectedTo && { redirectedTo }) } }
  }

  const judgeOutcome = (
    outcome: Outcome,
    question: Question & { readonly elapsedMs: number },
  ): SmokeFinding => {
    if (outcome.kind === 'answer') return judge(outcome, { ...question, latencyMs: question.elapsedMs })
    const { code } = outcome
    return { ...judgeFailure(outcome, { ...question, hasAnswered }), evidence: { code } }
  }

  /** A late answer is judged as one in time, but for its latency. */
  const onLateEnd =
    (question: Question) =>
    ({ outcome, elapsedMs, isCounted }: LateEnd) => {
      const { maxLatencyMs: _, ...expectation } = question.expectation
      const finding = judgeOutcome(outcome, { ...question, expectation, elapsedMs })
      if (finding.status === 'pass') progress.answered({ afterMs: elapsedMs, isLate: true })
      if (finding.status !== 'fail') return
      // so old a failure is over if the app has answered a later request meanwhile: a worker has died, or the app restarted
      if (!isCounted && progress.hasAnsweredSince(clock.now() - elapsedMs)) return
      const { failedLateAgoMs = -Infinity } = progress.look()
      const mayBeOver = elapsedMs > failedLateAgoMs
      progress.failedLate()
      const evidence = {
        target: question.target.text,
        ...finding.evidence,
        answeredAfterMs: toTenths(elapsedMs),
      }
      late = {
        ...finding,
        ...(mayBeOver && { mayBeOver }),
        message: `a request that was given up on has ended: ${finding.message}`,
        evidence,
      }
    }

  const judgeSent = (sent: Sent | Delay, question: Question): SmokeFinding => {
    if (sent.kind === 'ended') {
      const finding = judgeOutcome(sent.outcome, { ...question, elapsedMs: sent.elapsedMs })
      const isExpected = finding.status === 'pass' || finding.status === 'warn'
      if (isExpected) progress.answered({ afterMs: sent.elapsedMs, isLate: false })
      return finding
    }
    const seen = progress.look()
    return {
      ...judgeDelay(sent, { ...question, seen }),
      evidence: evidenceOf(seen),
    }
  }

  /** A busy app frees places in its listen backlog all the time, so a full one is tried again until the time is up. */
  const sendOrRetry = async (question: Question, signal: AbortSignal): Promise<Sent | Delay> => {
    const { target, request } = question
    const exchange = await exchangeOver(target.protocol)
    for (;;) {
      const sent = await limit.send(() => exchange(target.endpoint, request), {
        signal,
        onLateEnd: onLateEnd(question),
      })
      const isFull = sent.kind === 'ended' && sent.outcome.kind === 'backlog-full'
      if (!isFull) return sent
      await pause(RETRY_MS, { clock, signal })
      if (signal.aborted) return { kind: 'backlog-full' }
    }
  }

  return {
    send: async (question, signal) => {
      const startedAt = clock.now()
      progress.asked()
      const sent = await sendOrRetry(question, signal)
      const finding = judgeSent(sent, question)
      const evidence = { target: question.target.text, ...finding.evidence }
      return {
        finding: { ...finding, evidence },
        latencyMs: clock.now() - startedAt,
        timedOut: sent.kind === 'timed-out' || sent.kind === 'backlog-full',
      }
    },
    takeLate: () => {
      const finding = late
      late = undefined
      return finding
    },
  }
}

const evidenceOf = ({ answeredAgoMs, answeredAfterMs, stats }: ProgressSeen): Evidence => ({
  ...(answeredAgoMs !== undefined && { answeredAgoMs: toTenths(answeredAgoMs) }),
  ...(answeredAfterMs !== undefined && { answeredAfterMs: toTenths(answeredAfterMs) }),
  ...(stats && {
    workers: stats.workers,
    workersBusy: stats.workersBusy,
    listenQueue: stats.listenQueue,
    ...(stats.requestsCompleted !== undefined && { requestsCompleted: stats.requestsCompleted }),
  }),
})
