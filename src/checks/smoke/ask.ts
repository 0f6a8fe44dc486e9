import type { Finding } from '../../core/finding.ts'
import { firstLines } from './error-page.ts'
import type { Answer, Exchange, Failure } from './exchange.ts'
import type { Sample } from './fold-samples.ts'
import { exchangeOverHttp } from './http-exchange.ts'
import { judgeAnswer } from './judge-answer.ts'
import { judgeFailure, judgeHeld, judgeTimeout } from './judge-failure.ts'
import type { LateEnd, Lane } from './lane.ts'
import type { Question } from './question.ts'
import { exchangeOverUwsgi } from './uwsgi-exchange.ts'

/** Sends one request, and says what came of it. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Sample>

const exchangeOf = ({ target: { protocol, endpoint }, request }: Question): Exchange =>
  protocol === 'http' ? exchangeOverHttp(endpoint, request) : exchangeOverUwsgi(endpoint, request)

const failureBefore = (late: LateEnd | undefined): { failure: Failure; elapsedMs: number } | undefined =>
  late && late.outcome.kind !== 'answer' ? { failure: late.outcome, elapsedMs: late.elapsedMs } : undefined

export const createAsk = (options: { readonly lane: Lane; readonly showErrorPage: boolean }): Ask => {
  const { lane, showErrorPage } = options
  let hasAnswered = false

  const judge = (answer: Answer, question: Question & { readonly latencyMs: number }): Finding => {
    const evidence = { httpStatus: answer.status, bodyBytes: answer.body.length }
    const judgement = judgeAnswer(answer, question)
    if (!judgement) return { status: 'pass', evidence }
    const page = showErrorPage && judgement.status === 'fail' && { page: firstLines(answer.body) }
    return { ...judgement, evidence: { ...evidence, ...page } }
  }

  const findingOf = async (question: Question, signal: AbortSignal): Promise<Finding> => {
    const sent = await lane.send(() => exchangeOf(question), signal)
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
