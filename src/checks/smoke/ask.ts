import type { SmokeFinding } from './reasons.ts'
import { firstLines } from './error-page.ts'
import type { Answer, Failure } from './exchange.ts'
import type { Sample } from './fold-samples.ts'
import { judgeAnswer } from './judge-answer.ts'
import { judgeFailure, judgeHeld, judgeTimeout } from './judge-failure.ts'
import type { LateEnd, Lane } from './lane.ts'
import type { Question } from './question.ts'
import type { Target } from '../../connect/target.ts'

/** Sends one request, and says what came of it. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Sample>

/** What speaks a protocol; a client that is not needed is not loaded. */
const exchangeOver = async (protocol: Target['protocol']) =>
  protocol === 'http'
    ? (await import('./http-exchange.ts')).exchangeOverHttp
    : (await import('./uwsgi-exchange.ts')).exchangeOverUwsgi

const failureBefore = (late: LateEnd | undefined): { failure: Failure; elapsedMs: number } | undefined =>
  late && late.outcome.kind !== 'answer' ? { failure: late.outcome, elapsedMs: late.elapsedMs } : undefined

export const createAsk = (options: { readonly lane: Lane; readonly showErrorPage: boolean }): Ask => {
  const { lane, showErrorPage } = options
  let hasAnswered = false

  const judge = (answer: Answer, question: Question & { readonly latencyMs: number }): SmokeFinding => {
    const evidence = { httpStatus: answer.status, bodyBytes: answer.body.length }
    const judgement = judgeAnswer(answer, question)
    if (!judgement) return { status: 'pass', evidence }
    const page = showErrorPage && judgement.status === 'fail' && { page: firstLines(answer.body) }
    return { ...judgement, evidence: { ...evidence, ...page } }
  }

  const findingOf = async (question: Question, signal: AbortSignal): Promise<SmokeFinding> => {
    const { target, request } = question
    const exchange = await exchangeOver(target.protocol)
    const sent = await lane.send(() => exchange(target.endpoint, request), signal)
    if (sent.kind === 'held') return judgeHeld({ ...question, heldMs: sent.heldMs })

    const ending = { ...question, elapsedMs: sent.elapsedMs, hasAnswered }
    if (sent.kind === 'timed-out')
      return judgeTimeout(sent.progress, { ...ending, before: failureBefore(lane.lateEnd()) })

    const { outcome } = sent
    if (outcome.kind !== 'answer')
      return { ...judgeFailure(outcome, ending), evidence: { code: outcome.code } }

    hasAnswered = true
    return judge(outcome, { ...question, latencyMs: sent.elapsedMs })
  }

  return async (question, signal) => {
    const startedAt = performance.now()
    const finding = await findingOf(question, signal)
    const evidence = { target: question.target.text, ...finding.evidence }
    return { finding: { ...finding, evidence }, latencyMs: performance.now() - startedAt }
  }
}
