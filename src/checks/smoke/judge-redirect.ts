import type { Answer } from './exchange.ts'
import { describeStatuses } from './expectation.ts'
import type { Judgement, Question } from './question.ts'

interface Redirect {
  readonly from: URL
  readonly to: URL
}

const claimsHttps = ({ target, request }: Question): boolean =>
  target.protocol === 'https' || request.headers['x-forwarded-proto']?.toLowerCase() === 'https'

/** Where a redirect leads; undefined if there is none, or if it is not valid. */
const redirectOf = (answer: Answer, question: Question): Redirect | undefined => {
  const { location } = answer.headers
  if (location === undefined || answer.status < 300 || answer.status > 399) return undefined
  const { host, path } = question.request
  const from = URL.parse(`${claimsHttps(question) ? 'https' : 'http'}://${host}${path}`)
  const to = from && URL.parse(location, from.href)
  return from && to ? { from, to } : undefined
}

/** Origin and path. A query can have tokens. */
const shown = ({ origin, pathname }: URL): string => `${origin === 'null' ? '' : origin}${pathname}`

/** The target of a redirect, for the evidence. */
export const redirectTarget = (answer: Answer, question: Question): string | undefined => {
  const redirect = redirectOf(answer, question)
  return redirect && shown(redirect.to)
}

const httpsHint = (question: Question): string => {
  if ('x-forwarded-proto' in question.request.headers)
    return 'the app does not believe the X-Forwarded-Proto that the check sends: make the app trust it (Django: SECURE_PROXY_SSL_HEADER)'
  const settings =
    question.target.protocol !== 'http' ? '' : ', and make the app trust it (Django: SECURE_PROXY_SSL_HEADER)'
  return `send X-Forwarded-Proto: https with the check's headers${settings}`
}

const withoutSlash = (path: string): string => path.replace(/\/$/, '')

const LANGUAGE = /^\/[a-z]{2,3}([-_][a-z0-9]{2,4})?(\/|$)/i

/** Whether the host is another one. Another scheme has another port. */
const isOtherHost = ({ from, to }: Redirect): boolean =>
  to.protocol === from.protocol ? to.host !== from.host : to.hostname !== from.hostname

const withoutWww = (host: string): string => host.replace(/^www\./, '')

/** The app moved the site, or it sends a client to log in elsewhere. A login has a path of its own. */
const hostHint = ({ from, to }: Redirect): string => {
  const moved = `set the check's host to ${to.host}`
  const login = 'choose a page that needs no login'
  if (withoutWww(to.hostname) === withoutWww(from.hostname)) return moved
  if (withoutSlash(to.pathname) === withoutSlash(from.pathname)) return `${moved}, or ${login}`
  return `${login}; if ${to.host} is a host of the app itself, ${moved}`
}

/** The first of scheme, query and path that differs, with the same host, and not from http to https. */
const pathHint = ({ from, to }: Redirect): string => {
  if (to.pathname === from.pathname && to.search !== from.search)
    return 'the app adds a query: write the whole target with its query as the path, or choose a page that is not redirected'
  if (to.pathname === from.pathname && to.protocol === 'http:' && from.protocol === 'https:')
    return "the app wants plain http: send no X-Forwarded-Proto: https with the check's headers"
  if (to.pathname === from.pathname)
    return 'the page redirects to itself, as an app does that wants a cookie: choose a page that is not redirected'
  return LANGUAGE.test(to.pathname) && !LANGUAGE.test(from.pathname)
    ? `the app chooses a language: write the check's path as ${to.pathname}`
    : 'choose a page that is not redirected and needs no login'
}

/** What a redirect is told by: the first of host, scheme, slash and path that differs. */
export const judgeRedirect = (answer: Answer, question: Question): Judgement | undefined => {
  const redirect = redirectOf(answer, question)
  if (!redirect) return undefined
  const { from, to } = redirect
  const { subject, expectation } = question
  const redirected = `${subject} is redirected to ${shown(to)} (${answer.status})`
  if (isOtherHost(redirect))
    return {
      status: 'fail',
      reason: 'SMOKE_REDIRECT_HOST',
      message: `${redirected}, which is another host: ${hostHint(redirect)}`,
    }
  const isSamePath = to.pathname === from.pathname
  // a redirect to https may drop the query; one that adds a query is about something else
  const isSame = isSamePath && (to.search === from.search || to.search === '')
  if (to.protocol === 'https:' && (from.protocol === 'http:' || isSame))
    return {
      status: 'fail',
      reason: 'SMOKE_REDIRECT_HTTPS',
      message: `${subject} is redirected to https (${answer.status}): ${httpsHint(question)}`,
    }
  if (!isSamePath && withoutSlash(to.pathname) === withoutSlash(from.pathname))
    return {
      status: 'fail',
      reason: 'SMOKE_REDIRECT_SLASH',
      message: `${subject} is redirected to the same path ${to.pathname.endsWith('/') ? 'with' : 'without'} a trailing slash (${answer.status}): write the check's path as ${to.pathname}`,
    }
  return {
    status: 'fail',
    reason: 'SMOKE_STATUS_UNEXPECTED',
    message: `${redirected}, not answered ${describeStatuses(expectation)}: ${pathHint(redirect)}`,
  }
}
