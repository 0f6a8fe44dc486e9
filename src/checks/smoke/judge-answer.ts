import { adviseStatus } from './advise-status.ts'
import { describeExpiry, expiresSoon } from '../../connect/certificate.ts'
import type { ProgressSeen } from './app-progress.ts'
import type { Answer } from './exchange.ts'
import { describeStatuses, isExpectedStatus } from './expectation.ts'
import { judgeRedirect } from './judge-redirect.ts'
import { judgeUnread } from './judge-unread.ts'
import { judgeRelease } from './judge-release.ts'
import { judgeRefusal } from './judge-refusal.ts'
import type { Judgement, Question } from './question.ts'

/** Why an answer is not a pass; undefined if it is as expected. */
export const judgeAnswer = (
  answer: Answer,
  question: Question & { readonly latencyMs: number; readonly seen: ProgressSeen },
): Judgement | undefined =>
  isExpectedStatus(answer.status, question.expectation)
    ? (judgeHeaders(answer, question) ??
      judgeBody(answer, question) ??
      judgeRelease(answer, question) ??
      judgeLatency(question) ??
      judgeExpiry(answer, question))
    : (judgeRateLimit(answer, question) ?? judgeStatus(answer, question))

/**
 * 429: the app answers, but refuses to be asked, so the page is not known. While other requests are answered as expected,
 * the app is busy. After that the check cannot look, and the unknown holds no longer than any other of that kind.
 */
const judgeRateLimit = (
  { status }: Answer,
  { subject, seen }: Question & { readonly seen: ProgressSeen },
): Judgement | undefined =>
  status === 429
    ? {
        status: 'unknown',
        cause: seen.isRecent && seen.answeredAgoMs !== undefined ? 'busy' : 'local',
        reason: 'SMOKE_RATE_LIMITED',
        message: `${subject} is answered 429: the app limits requests; exempt health-sidecar's User-Agent or address from the limit`,
      }
    : undefined

const judgeStatus = (answer: Answer, question: Question): Judgement =>
  judgeScript(answer, question) ??
  judgeRefusal(answer, question) ??
  judgeRedirect(answer, question) ??
  judgeImport(answer, question) ?? {
    status: 'fail',
    reason: 'SMOKE_STATUS_UNEXPECTED',
    message: `${question.subject} is answered ${answer.status}, not ${describeStatuses(question.expectation)}: ${adviseStatus(answer, question)}`,
  }

/** php-fpm's own pages when it does not run the script. */
const judgeScript = (answer: Answer, { target, request, subject }: Question): Judgement | undefined =>
  target.protocol === 'fastcgi' && /^(File not found|Access denied)\.\s*$/.test(answer.body.toString())
    ? {
        status: 'fail',
        reason: 'SMOKE_STATUS_UNEXPECTED',
        message: `${subject} is answered ${answer.status} by php-fpm itself, which does not run ${request.script}: correct the check's script, or php-fpm's chroot and security.limit_extensions`,
      }
    : undefined

/** uWSGI's own page when the app could not be loaded: these 21 bytes, as plain text, without a length. */
const judgeImport = ({ status, headers, body }: Answer, { subject }: Question): Judgement | undefined =>
  status === 500 &&
  headers['content-type'] === 'text/plain' &&
  !('content-length' in headers) &&
  body.equals(Buffer.from('Internal Server Error'))
    ? {
        status: 'fail',
        reason: 'SMOKE_APP_NOT_LOADED',
        message: `${subject} is answered 500 by uWSGI itself: it runs, but could not import the app; see the traceback in uWSGI's log, and set need-app to make uWSGI stop instead`,
      }
    : undefined

const judgeHeaders = (answer: Answer, { expectation, subject }: Question): Judgement | undefined => {
  const wrong = expectation.headers.find(([name, matcher]) => {
    const value = answer.headers[name]
    return value === undefined || !matcher.matches(value)
  })
  if (!wrong) return undefined
  const [name] = wrong
  const what =
    name in answer.headers ? `the header ${name} is not as expected` : `the header ${name} is missing`
  return {
    status: 'fail',
    reason: 'SMOKE_HEADER_UNEXPECTED',
    message: `${subject} is answered ${answer.status}, but ${what}`,
  }
}

const judgeBody = (answer: Answer, { request, expectation, subject }: Question): Judgement | undefined => {
  const { body } = expectation
  if (!body || body.matches(answer.body.toString())) return undefined
  const wanted = JSON.stringify(body.text)
  const unread = judgeUnread(answer, { request, subject, wanted })
  if (unread) return unread
  const hint = request.method === 'HEAD' ? ', because HEAD has no page: use GET' : ''
  return {
    status: 'fail',
    reason: 'SMOKE_BODY_UNEXPECTED',
    message: `${subject} is answered ${answer.status}, but the page does not contain ${wanted}${hint}`,
  }
}

const judgeLatency = ({
  expectation: { maxLatencyMs },
  latencyMs,
  subject,
}: Question & { readonly latencyMs: number }): Judgement | undefined =>
  maxLatencyMs !== undefined && latencyMs > maxLatencyMs
    ? {
        status: 'warn',
        reason: 'SMOKE_LATENCY_HIGH',
        cause: 'busy',
        message: `${subject} took ${Math.round(latencyMs)} ms, more than the ${maxLatencyMs} ms of max_latency`,
      }
    : undefined

const judgeExpiry = ({ certificate }: Answer, { target }: Question): Judgement | undefined => {
  const now = new Date()
  return certificate && expiresSoon(certificate, now)
    ? {
        status: 'warn',
        reason: 'SMOKE_CERTIFICATE_EXPIRES',
        message: describeExpiry(certificate, { where: target.text, now }),
      }
    : undefined
}
