import { describeTlsFault } from '../../connect/tls-problem.ts'
import type { Answer } from './exchange.ts'
import type { Judgement, Question } from './question.ts'

/** Servers that answer 400 to a uwsgi packet. uWSGI adds no Server header, but can be told to add one. */
const HTTP_SERVERS =
  /^(nginx|openresty|apache|gunicorn|uvicorn|hypercorn|daphne|waitress|puma|lighttpd|caddy|envoy)/i

/** What uvicorn writes about bytes that are no HTTP. */
const NO_HTTP = /^Invalid HTTP request received\.$/

/** What servers write if TLS was expected: nginx, Apache, Go, Tomcat. */
const TLS_EXPECTED =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|HTTP request to an HTTPS server|combination of host and port requires TLS/

/** What nginx writes if it verifies clients. */
const CLIENT_CERTIFICATE = /No required SSL certificate was sent|The SSL certificate error/

/**
 * What frameworks write about a Host that they do not allow: Django, Starlette and webpack, Rails, Werkzeug, Symfony, Laravel,
 * Spring, ASP.NET, Vite, Nextcloud.
 */
const HOST_REFUSED =
  /<h1>Bad Request \(400\)<\/h1>|DisallowedHost|Invalid host header|Blocked hosts?:|Host .{1,200} is not trusted|Untrusted Host|Bad hostname provided|rejected because the domain .{1,200} is untrusted|Invalid Hostname|This host .{1,200} is not allowed|Access through untrusted domain/i

/** gunicorn's own page. */
const SCHEME_REFUSED = /Contradictory scheme headers/

/** Whether an HTTP server answers that a uwsgi packet is no HTTP. puma and Node do so without a page and its type. */
const refusesPacket = ({ status, headers, body }: Answer): boolean =>
  HTTP_SERVERS.test(headers['server'] ?? '') ||
  (status === 400 && (NO_HTTP.test(body.toString()) || (body.length === 0 && !('content-type' in headers))))

const STATUSES = new Set([400, 403, 404, 421])

/** What an answer of 400, 403, 404 or 421 says against the request itself; undefined if it says nothing of the kind. */
export const judgeRefusal = (answer: Answer, question: Question): Judgement | undefined => {
  const { target, request, subject } = question
  const { status } = answer
  if (!STATUSES.has(status)) return undefined
  const page = answer.body.toString()
  const saysHost = HOST_REFUSED.test(page)
  if (target.protocol === 'https' && CLIENT_CERTIFICATE.test(page))
    return {
      status: 'fail',
      reason: 'SMOKE_CLIENT_CERTIFICATE',
      message: describeTlsFault(
        { kind: 'client-certificate', code: `it answers ${status}` },
        { where: target.text, serverName: request.host },
      ),
    }
  if (TLS_EXPECTED.test(page))
    return {
      status: 'fail',
      reason: 'SMOKE_PROTOCOL_MISMATCH',
      message: `${target.text} expects TLS, and the check sends plain HTTP: write the target as https${target.text.slice(target.protocol.length)}, or name a socket of the app that speaks plain HTTP`,
    }
  if (target.protocol === 'uwsgi' && !saysHost && status !== 404 && refusesPacket(answer))
    return {
      status: 'fail',
      reason: 'SMOKE_PROTOCOL_MISMATCH',
      message: `${target.text} answers a uwsgi request as an HTTP server does: write the target as http${target.text.slice('uwsgi'.length)}, or name the app's own uwsgi socket`,
    }
  if (SCHEME_REFUSED.test(page))
    return {
      status: 'fail',
      reason: 'SMOKE_STATUS_UNEXPECTED',
      message: `${subject} is answered ${status}: gunicorn finds contradictory scheme headers; send only one of X-Forwarded-Proto, X-Forwarded-Protocol and X-Forwarded-Ssl, or make them agree`,
    }
  if (request.proxyProtocol && status === 400 && !saysHost)
    return {
      status: 'fail',
      reason: 'SMOKE_PROTOCOL_MISMATCH',
      message: `${subject} is answered 400 after a PROXY protocol header (${request.proxyProtocol}): the server may not expect one, or not of this version; correct proxy_protocol or remove it (gunicorn takes none but v1, over TCP)`,
    }
  if (saysHost || status === 421)
    return {
      status: 'fail',
      reason: 'SMOKE_HOST_REJECTED',
      message: `${subject} is answered ${status}: most likely the app does not take the Host ${request.host}; set the check's host to one that it allows (ALLOWED_HOSTS, config.hosts, trusted hosts), and otherwise see the app's log`,
    }
  if (status !== 400) return undefined
  return {
    status: 'fail',
    reason: 'SMOKE_STATUS_UNEXPECTED',
    message: `${subject} is answered 400, and the page does not say why: see the app's log; the app may not take the Host ${request.host}, or one of the check's headers`,
  }
}
