import type { Answer } from './exchange.ts'
import type { Question } from './question.ts'

/** What proxies write if no server behind them is up: HAProxy, Envoy (two), Traefik. */
const NO_SERVER =
  /No server is available to handle this request|no healthy upstream|upstream connect error|no available server/

const OWN_LOG = "see the app's own log"

/** Another cause than the page itself: Laravel and virtual hosts answer 404, and Rails an empty 403. */
const hostMayBeRefused = ({ request }: Question): string =>
  `the app does not take the Host ${request.host}: set the check's host to one that it serves`

const adviseForbidden = (answer: Answer, question: Question): string => {
  const forbids = 'the app forbids this page: choose one that needs no login'
  return answer.body.length === 0
    ? `most likely ${hostMayBeRefused(question)} (Rails answers this with an empty page); or ${forbids}`
    : `${forbids}; or ${hostMayBeRefused(question)}`
}

/** What to do about a status that is not expected and no redirect, likeliest first. */
export const adviseStatus = (answer: Answer, question: Question): string => {
  switch (answer.status) {
    case 401:
      return "the page needs a login: choose one that needs none, or send Authorization with the check's headers"
    case 403:
      return adviseForbidden(answer, question)
    case 404:
    case 410:
      return `there is no such page: correct the check's path; or ${hostMayBeRefused(question)}`
    case 405:
      return `the page does not take ${question.request.method}: ${question.request.method === 'HEAD' ? "set the check's method to GET" : 'choose another page'}`
    case 502:
      return 'a proxy in front of the app answers, and the app refuses its connection or breaks it off: see whether the app runs, and the log of the proxy'
    case 503:
      return NO_SERVER.test(answer.body.toString())
        ? 'a proxy in front of the app answers, and has no server for the request: see whether the app runs, and the log of the proxy'
        : `the app says that it is unavailable, as it does in maintenance: end that, or ${OWN_LOG}`
    case 504:
      return 'a proxy in front of the app answers, and the app is too slow for it: see what blocks the app, and the log of the proxy'
    default:
      return OWN_LOG
  }
}
