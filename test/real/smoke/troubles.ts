import type { SmokeKeys } from '../../checks/smoke/run-smoke.ts'
import type { Framework } from './app-servers.ts'

/** What is asked of every server, and what comes of it. */
export interface Trouble {
  readonly what: string
  readonly keys: Omit<SmokeKeys, 'target'>
  readonly expected: string
  /** What the message says. */
  readonly advice?: RegExp
  /** The advice is for a person: nothing in the check's configuration mends it. */
  readonly isByHand?: true
  readonly timeoutMs?: number
  readonly only?: Framework
  /** What differs, by the name of a server or its framework. */
  readonly except?: Readonly<Record<string, Partial<Pick<Trouble, 'expected' | 'advice' | 'isByHand'>>>>
}

const pass = 'pass'

const pages: readonly Trouble[] = [
  { what: 'a page', keys: { expect: { body: 'Welcome' } }, expected: pass },
  { what: 'a page, several times', keys: { samples: 3 }, expected: pass },
  { what: 'a page by HEAD', keys: { method: 'HEAD' }, expected: pass },
  {
    what: 'headers',
    keys: { expect: { headers: { 'Content-Type': '/^text\\/html; charset=utf-8$/i' } } },
    expected: pass,
  },
  {
    what: 'a slow page',
    keys: { expect: { max_latency: 0.01 } },
    expected: 'warn SMOKE_LATENCY_HIGH',
    isByHand: true,
  },
  {
    what: 'what the app is told of the request',
    keys: {
      path: '/environment/?a=%20b',
      expect: {
        body: '/"host": "octopus.energy", "secure": true, "path": "\\/environment\\/\\?a=%20b", "agent": "health-sidecar\\/[\\d.]+"/',
      },
    },
    expected: pass,
    only: 'Django',
  },
  {
    what: 'a page that is not there, on purpose',
    keys: { path: '/nowhere/', expect: { status: 404 } },
    expected: pass,
  },
  {
    what: 'the top of a large page',
    keys: { path: '/large/', expect: { body: 'Welcome' } },
    expected: pass,
  },
]

const redirects: readonly Trouble[] = [
  {
    what: 'no X-Forwarded-Proto',
    keys: { headers: {} },
    expected: 'fail SMOKE_REDIRECT_HTTPS',
    advice: /is redirected to https \(301\): send X-Forwarded-Proto: https with the check's headers/,
  },
  {
    what: 'no slash at the end',
    keys: { path: '/about', expect: { body: 'About' } },
    expected: 'fail SMOKE_REDIRECT_SLASH',
    advice: /write the check's path as \/about\/$/,
  },
  {
    what: 'www',
    keys: { path: '/www/' },
    expected: 'fail SMOKE_REDIRECT_HOST',
    advice:
      /redirected to https:\/\/www\.octopus\.energy\/www\/ .*: set the check's host to www\.octopus\.energy$/,
  },
  {
    what: 'a language',
    keys: { path: '/language/' },
    expected: 'fail SMOKE_STATUS_UNEXPECTED',
    advice: /the app chooses a language: write the check's path as \/en-gb\/language\/$/,
  },
  {
    what: 'single sign-on',
    keys: { path: '/private/' },
    expected: 'fail SMOKE_REDIRECT_HOST',
    advice:
      /redirected to https:\/\/sso\.example\/authorize \(302\), which is another host: choose a page that needs no login; if/,
  },
]

const statuses: readonly Trouble[] = [
  {
    what: 'a Host that is not allowed',
    keys: { host: 'example.org' },
    expected: 'fail SMOKE_HOST_REJECTED',
    advice:
      /most likely the app does not take the Host example\.org; set the check's host to one that it allows/,
    except: {
      Rails: {
        expected: 'fail SMOKE_STATUS_UNEXPECTED',
        advice: /answered 403, not 200: most likely the app does not take the Host example\.org/,
      },
      Node: {
        expected: 'fail SMOKE_STATUS_UNEXPECTED',
        advice: /answered 404.*or the app does not take the Host example\.org: set the check's host to one/,
        // the path comes first, as for a page that is not there
        isByHand: true,
      },
    },
  },
  {
    what: 'a page that raises',
    keys: { path: '/error/' },
    expected: 'fail SMOKE_STATUS_UNEXPECTED',
    advice: /answered 500, not 200: see the app's own log$/,
    isByHand: true,
  },
  {
    what: 'maintenance',
    keys: { path: '/maintenance/' },
    expected: 'fail SMOKE_STATUS_UNEXPECTED',
    advice: /answered 503, not 200: the app says that it is unavailable, as it does in maintenance/,
    isByHand: true,
  },
  {
    what: 'a limit on requests',
    keys: { path: '/limited/' },
    expected: 'unknown SMOKE_RATE_LIMITED',
    advice: /exempt health-sidecar's User-Agent or address from the limit/,
    isByHand: true,
  },
  {
    what: 'a page that is forbidden',
    keys: { path: '/login/' },
    expected: 'fail SMOKE_STATUS_UNEXPECTED',
    advice: /answered 403, not 200: the app forbids this page: choose one that needs no login/,
  },
  {
    what: 'a page that is not there',
    keys: { path: '/nowhere/' },
    expected: 'fail SMOKE_STATUS_UNEXPECTED',
    advice: /answered 404, not 200: there is no such page: correct the check's path/,
  },
]

/** uWSGI marks no end of a page without a length, and php-fpm ends a broken page as any other. */
const unmarked = {
  expected: 'fail SMOKE_BODY_UNEXPECTED',
  advice: /the page does not contain "the end"/,
}

const bodies: readonly Trouble[] = [
  {
    what: 'another text',
    keys: { expect: { body: 'Farewell' } },
    expected: 'fail SMOKE_BODY_UNEXPECTED',
    isByHand: true,
  },
  {
    what: 'another header',
    keys: { expect: { headers: { 'Content-Type': 'json' } } },
    expected: 'fail SMOKE_HEADER_UNEXPECTED',
    isByHand: true,
  },
  {
    what: 'the end of a large page',
    keys: { path: '/large/', expect: { body: 'end' } },
    expected: 'unknown SMOKE_RESPONSE_TOO_LARGE',
    advice: /raise max_body/,
  },
  {
    what: 'a text by HEAD',
    keys: { method: 'HEAD', expect: { body: 'Welcome' } },
    expected: 'fail SMOKE_BODY_UNEXPECTED',
    advice: /because HEAD has no page: use GET/,
  },
  {
    what: 'gzip unasked',
    keys: { path: '/encoded/', expect: { body: 'Welcome' } },
    expected: 'unknown SMOKE_RESPONSE_ENCODED',
    advice: /is encoded \(gzip\).*turn off the app's compression for requests without Accept-Encoding/,
    isByHand: true,
  },
  {
    what: 'a page that breaks off, with Content-Length',
    keys: { path: '/cut/' },
    expected: 'fail SMOKE_RESPONSE_CUT_SHORT',
    advice: /is truncated .*: a worker died, or the app broke while it rendered the page; see the app's log$/,
    isByHand: true,
  },
  {
    what: 'a page that breaks off, without a length',
    keys: { path: '/break/', expect: { body: 'the end' }, patience: 0 },
    timeoutMs: 1000,
    expected: 'fail SMOKE_RESPONSE_CUT_SHORT',
    advice: /a worker died, or the app broke while it rendered the page; see the app's log$/,
    isByHand: true,
    except: {
      'uWSGI on a uwsgi socket': unmarked,
      'uWSGI on an http-socket': unmarked,
      'nginx in front of uWSGI': unmarked,
      'php-fpm': unmarked,
      // it neither ends the page nor closes the connection
      daphne: { expected: 'fail SMOKE_TOO_SLOW', advice: /was begun, but not complete within/ },
    },
  },
  {
    what: 'a page that takes too long',
    keys: { path: '/delay/?seconds=0.6', patience: 0 },
    timeoutMs: 300,
    expected: 'fail SMOKE_NO_ANSWER',
    advice: /every worker of the app is busy or stuck; see the app's log for what blocks them/,
    isByHand: true,
  },
]

export const troubles: readonly Trouble[] = [...pages, ...redirects, ...statuses, ...bodies]
