import type { SmokeFinding } from './reasons.ts'
import { firstLines } from './error-page.ts'
import type { Answer, Failure } from './exchange.ts'
import type { SmokeClock } from './clock.ts'
import type { Sample } from './combine-samples.ts'
import type { ConcurrencyLimit, LateEnd, Sent } from './concurrency-limit.ts'
import { judgeFailure, judgeNotSent, judgeTimeout } from './judge-failure.ts'
import { judgeInTime } from './judge-in-time.ts'
import type { Question } from './question.ts'
import type { Target } from './target.ts'

/** Sends one request and judges its outcome. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Sample>

/** The client of a protocol. It is loaded when it is first needed. */
const exchangeOver = async (protocol: Target['protocol']) =>
  protocol === 'http'
    ? (await import('./http-exchange.ts')).exchangeOverHttp
    : (await import('./uwsgi-exchange.ts')).exchangeOverUwsgi

const failureBefore = (late: LateEnd | undefined): { failure: Failure; elapsedMs: number } | undefined =>
  late && late.outcome.kind !== 'answer' ? { failure: late.outcome, elapsedMs: late.elapsedMs } : undefined

export const createAsk = (options: {
  readonly limit: ConcurrencyLimit
  readonly showErrorPage: boolean
  readonly clock: SmokeClock
}): Ask => {
  const { limit, showErrorPage, clock } = options
  let hasAnswered = false

  const judge = (answer: Answer, question: Question & { readonly latencyMs: number }): SmokeFinding => {
    const evidence = { httpStatus: answer.status, bodyBytes: answer.body.length }
    const judgement = judgeInTime(answer, question)
    if (!judgement) return { status: 'pass', evidence }
    const page = showErrorPage && judgement.status === 'fail' && { page: firstLines(answer.body) }
    return { ...judgement, evidence: { ...evidence, ...page } }
  }

  const judgeSent = (sent: Sent, question: Question): SmokeFinding => {
    if (sent.kind === 'not-sent') return judgeNotSent({ ...question, oldestMs: sent.oldestMs })

    const ending = { ...question, elapsedMs: sent.elapsedMs, hasAnswered }
    if (sent.kind === 'timed-out')
      return judgeTimeout(sent.progress, { ...ending, before: failureBefore(limit.lateEnd()) })

    const { outcome } = sent
    if (outcome.kind !== 'answer')
      return { ...judgeFailure(outcome, ending), evidence: { code: outcome.code } }

    hasAnswered = true
    return judge(outcome, { ...question, latencyMs: sent.elapsedMs })
  }

  return async (question, signal) => {
    const startedAt = clock.now()
    const { target, request } = question
    const exchange = await exchangeOver(target.protocol)
    const sent = await limit.send(() => exchange(target.endpoint, request), signal)
    const finding = judgeSent(sent, question)
    const evidence = { target: target.text, ...finding.evidence }
    return {
      finding: { ...finding, evidence },
      latencyMs: clock.now() - startedAt,
      timedOut: sent.kind === 'timed-out',
    }
  }
}
