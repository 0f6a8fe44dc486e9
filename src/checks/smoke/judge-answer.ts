import type { Problem } from '../../core/finding.ts'
import type { Answer, SmokeRequest } from './exchange.ts'
import { describeStatuses, isExpectedStatus } from './expectation.ts'
import type { Expectation } from './expectation.ts'

interface Question {
  readonly request: SmokeRequest
  readonly expectation: Expectation
  /** How messages name the request, such as `GET / on http+unix:/run/app.sock`. */
  readonly subject: string
}

type Judgement = Omit<Problem, 'evidence'>

/** Where a redirect leads; undefined where there is none, or none that can be read. */
const redirectOf = (
  answer: Answer,
  request: SmokeRequest,
): { readonly from: URL; readonly to: URL } | undefined => {
  const { location } = answer.headers
  if (location === undefined || answer.status < 300 || answer.status > 399) return undefined
  const from = URL.parse(`http://${request.host}${request.path}`)
  const to = from && URL.parse(location, from.href)
  return from && to ? { from, to } : undefined
}

const judgeRedirect = (answer: Answer, { request, subject }: Question): Judgement | undefined => {
  const redirect = redirectOf(answer, request)
  if (!redirect) return undefined
  const { from, to } = redirect
  if (to.protocol === 'https:')
    return {
      status: 'fail',
      reason: 'SMOKE_REDIRECT_HTTPS',
      message: `${subject} is redirected to https (${answer.status}): send X-Forwarded-Proto: https with the check's headers, and set the app's SECURE_PROXY_SSL_HEADER`,
    }
  if (to.host === from.host && to.pathname === `${from.pathname}/`)
    return {
      status: 'fail',
      reason: 'SMOKE_REDIRECT_SLASH',
      message: `${subject} is redirected to the same path with a slash at its end (${answer.status}): write the check's path as ${to.pathname}`,
    }
  return undefined
}

const judgeStatus = (answer: Answer, question: Question): Judgement => {
  const { request, expectation, subject } = question
  if (answer.status === 400)
    return {
      status: 'fail',
      reason: 'SMOKE_HOST_REJECTED',
      message: `${subject} is answered 400: the app does not take the Host ${request.host}; set the check's host to one of the app's ALLOWED_HOSTS`,
    }
  return (
    judgeRedirect(answer, question) ?? {
      status: 'fail',
      reason: 'SMOKE_STATUS_UNEXPECTED',
      message: `${subject} is answered ${answer.status}, not ${describeStatuses(expectation)}: the app's own log says why`,
    }
  )
}

const judgeBody = (answer: Answer, { request, expectation, subject }: Question): Judgement | undefined => {
  const { body } = expectation
  if (!body || body.matches(answer.body.toString())) return undefined
  const wanted = JSON.stringify(body.text)
  // what was not read proves nothing against this host
  if (answer.truncated)
    return {
      status: 'unknown',
      reason: 'SMOKE_RESPONSE_TOO_LARGE',
      message: `the first ${request.maxBodyBytes} bytes of ${subject} do not contain ${wanted}, and there are more: raise max_body, or expect a text nearer to the top`,
    }
  return {
    status: 'fail',
    reason: 'SMOKE_BODY_UNEXPECTED',
    message: `${subject} is answered ${answer.status}, but the page does not contain ${wanted}`,
  }
}

/** What an answer has against a pass, or undefined where it is as expected. */
export const judgeAnswer = (answer: Answer, question: Question): Judgement | undefined =>
  isExpectedStatus(answer.status, question.expectation)
    ? judgeBody(answer, question)
    : judgeStatus(answer, question)
