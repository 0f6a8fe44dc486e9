import t from 'tap'
import { createAppProgress } from '../../../src/checks/smoke/app-progress.ts'
import type { Answer, SmokeRequest } from '../../../src/checks/smoke/exchange.ts'
import { judgeAnswer } from '../../../src/checks/smoke/judge-answer.ts'
import { judgeFailure } from '../../../src/checks/smoke/judge-failure.ts'
import { judgeRedirect, redirectTarget } from '../../../src/checks/smoke/judge-redirect.ts'
import { judgeRefusal } from '../../../src/checks/smoke/judge-refusal.ts'
import type { Question } from '../../../src/checks/smoke/question.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { answerOf, questionOf, seen } from './judged.ts'

const judged = (answer: Answer, question: Question, more: object = {}) =>
  judgeAnswer(answer, { ...question, latencyMs: 1, seen, ...more })

const redirect = (
  location: string,
  {
    status = 301,
    text = 'http+unix:/a',
    ...request
  }: { status?: number; text?: string } & Partial<SmokeRequest> = {},
) => judgeRedirect(answerOf(status, { headers: { location } }), questionOf(text, request))

t.test('redirect › is one from 300 to 399, with a valid Location', async t => {
  for (const status of [300, 301, 399])
    t.match(redirect('/b/', { status }), { reason: 'SMOKE_STATUS_UNEXPECTED' }, `${status}`)
  for (const status of [299, 400]) t.equal(redirect('/b/', { status }), undefined, `${status}`)
  t.equal(redirect('http://['), undefined)
  t.equal(judgeRedirect(answerOf(301), questionOf('http+unix:/a')), undefined)
})

t.test('redirect › is told by host, scheme, slash, language and path, in this order', async t => {
  t.match(redirect('https://sso.example/a/'), { reason: 'SMOKE_REDIRECT_HOST' })
  t.match(redirect('https://shop.example/b/'), { reason: 'SMOKE_REDIRECT_HTTPS' })
  t.match(redirect('/a'), { reason: 'SMOKE_REDIRECT_SLASH', message: /without a trailing slash/ })
  t.match(redirect('/a/', { path: '/a' }), {
    reason: 'SMOKE_REDIRECT_SLASH',
    message: /path with a trailing/,
  })
  t.match(redirect('/en/a/'), { message: /chooses a language: write the check's path as \/en\/a\/$/ })
  t.match(redirect('/en/', { path: '/de/' }), { message: /choose a page that is not redirected/ })
  t.match(redirect('/login/?next=hunter2'), {
    message:
      'GET /a/ is redirected to http://shop.example/login/ (301), not answered 200: choose a page that is not redirected and needs no login',
  })
  t.match(redirect('/a/'), { reason: 'SMOKE_STATUS_UNEXPECTED' }, 'to itself')
})

t.test('redirect › to https is one only for who did not claim it, or for the same page', async t => {
  const headers = { 'x-forwarded-proto': 'HTTPS' }
  t.match(redirect('https://shop.example/a/', { headers }), {
    reason: 'SMOKE_REDIRECT_HTTPS',
    message: /does not believe the X-Forwarded-Proto/,
  })
  t.match(redirect('https://shop.example/b/', { headers }), { reason: 'SMOKE_STATUS_UNEXPECTED' })
  t.match(redirect('/b/', { headers }), { message: /redirected to https:\/\/shop\.example\/b\// })
  t.match(redirect('/b/'), { message: /redirected to http:\/\/shop\.example\/b\// })
  t.match(redirect('https://shop.example/a/'), {
    message: /send X-Forwarded-Proto: https with the check's headers, and make the app trust it/,
  })
  t.match(redirect('https://shop.example/a/', { text: 'uwsgi+unix:/a' }), { message: /check's headers$/ })
})

t.test('redirect › its target is evidence without its query', async t => {
  const target = (location: string) =>
    redirectTarget(answerOf(302, { headers: { location } }), questionOf('http+unix:/a'))
  t.equal(target('/b?token=hunter2'), 'http://shop.example/b')
  t.equal(target('mailto:a@b'), 'a@b')
  t.equal(target('http://['), undefined)
})

const ended = (
  text: string,
  { kind = 'closed', elapsedMs = 0, hasAnswered = false, ...request }: Record<string, unknown> = {},
) =>
  judgeFailure(
    { kind: kind as 'closed', code: 'CLOSED' },
    { ...questionOf(text, request), elapsedMs: elapsedMs as number, hasAnswered: hasAnswered as boolean },
  ).reason

t.test('failure › HTTP that is closed within a second looks as if uwsgi was spoken there', async t => {
  t.equal(ended('http+unix:/a', { elapsedMs: 999 }), 'SMOKE_PROTOCOL_MISMATCH')
  t.equal(ended('http+unix:/a', { elapsedMs: 1000 }), 'SMOKE_CLOSED')
  t.equal(ended('http+unix:/a', { elapsedMs: 1, hasAnswered: true }), 'SMOKE_CLOSED')
  t.equal(ended('http+unix:/a', { elapsedMs: 1, kind: 'cut-short' }), 'SMOKE_RESPONSE_CUT_SHORT')
})

t.test('failure › uwsgi that is closed after four seconds looks as if HTTP was spoken there', async t => {
  for (const [elapsedMs, reason] of [
    [3500, 'SMOKE_CLOSED'],
    [3501, 'SMOKE_PROTOCOL_MISMATCH'],
    [5999, 'SMOKE_PROTOCOL_MISMATCH'],
    [6000, 'SMOKE_CLOSED'],
    [0, 'SMOKE_CLOSED'],
  ] as const)
    t.equal(ended('uwsgi+unix:/a', { elapsedMs }), reason, `${elapsedMs} ms`)
  t.equal(ended('fastcgi+unix:/a', { elapsedMs: 0 }), 'SMOKE_CLOSED')
  t.equal(ended('fastcgi+unix:/a', { elapsedMs: 4000 }), 'SMOKE_CLOSED')
})

t.test('failure › the likely causes are those of the target', async t => {
  const message = (text: string, elapsedMs: number, request: Partial<SmokeRequest> = {}) =>
    judgeFailure(
      { kind: 'closed', code: 'CLOSED' },
      { ...questionOf(text, request), elapsedMs, hasAnswered: false },
    ).message
  t.match(message('http+unix:/a', 12.4), /after 12 ms\. .*write the target as uwsgi\+unix:\/a; or/)
  t.match(message('http://127.0.0.1:80', 0), /the server expects TLS, the PROXY protocol/)
  t.match(
    message('uwsgi+unix:/a', 4000),
    /an HTTP server listens there: write the target as http\+unix:\/a; or/,
  )
  t.match(message('uwsgi+unix:/a', 0), /a worker died/)
  t.match(message('http+unix:/a', 9000, { headers: { X: 'x'.repeat(5000) } }), /a worker died/)
  t.match(
    message('uwsgi+unix:/a', 0, { headers: { X: 'x'.repeat(5000) } }),
    /the request takes 5\d{3} bytes, more than uWSGI's default buffer-size of 4096/,
  )
})

t.test('refusal › only 400, 403, 404 and 421 say something against the request', async t => {
  const question = questionOf('uwsgi+unix:/a')
  const refused = (status: number, more: Parameters<typeof answerOf>[1] = {}, asked = question) =>
    judgeRefusal(answerOf(status, more), asked)?.reason
  const host = { body: '<h1>Bad Request (400)</h1>' }
  for (const status of [400, 403, 404, 421])
    t.equal(refused(status, host), 'SMOKE_HOST_REJECTED', `${status}`)
  for (const status of [399, 401, 405, 420, 422]) t.equal(refused(status, host), undefined, `${status}`)
  t.equal(refused(421), 'SMOKE_HOST_REJECTED')
  t.equal(refused(403), undefined)
  const page = { body: 'Oops' }
  t.equal(refused(400, page), 'SMOKE_STATUS_UNEXPECTED')
  t.equal(refused(400), 'SMOKE_PROTOCOL_MISMATCH', 'puma and Node send no page to what is no HTTP')
  const nginx = { headers: { server: 'nginx/1.26' } }
  t.equal(refused(400, nginx), 'SMOKE_PROTOCOL_MISMATCH')
  t.equal(refused(400, { ...nginx, ...page }, questionOf('http+unix:/a')), 'SMOKE_STATUS_UNEXPECTED')
  t.equal(refused(400, { ...nginx, ...host }), 'SMOKE_HOST_REJECTED', 'behind it, the app has answered')
  t.equal(refused(400, { headers: { server: 'uWSGI' }, ...page }), 'SMOKE_STATUS_UNEXPECTED')
})

t.test('answer › what is expected passes, at the edges of each range', async t => {
  const asked = questionOf('http+unix:/a', {}, { status: ['200-204', 301] })
  for (const status of [200, 204, 301]) t.equal(judged(answerOf(status), asked), undefined, `${status}`)
  for (const status of [199, 205, 300, 302])
    t.match(judged(answerOf(status), asked)?.message, `answered ${status}, not 200 to 204 or 301`)
})

t.test('answer › 429 is busy only while other requests are answered', async t => {
  const asked = questionOf('http+unix:/a')
  const cause = (isRecent: boolean, answeredAgoMs: number | undefined) =>
    judged(answerOf(429), asked, { seen: { ...seen, isRecent, answeredAgoMs } })?.cause
  t.equal(cause(true, 5), 'busy')
  t.equal(cause(true, undefined), 'local')
  t.equal(cause(false, 5), 'local')
  t.equal(judged(answerOf(429), questionOf('http+unix:/a', {}, { status: 429 })), undefined)
})

t.test('answer › only the page that uWSGI itself sends says that the app is not loaded', async t => {
  const asked = questionOf('uwsgi+unix:/a')
  const headers = { 'content-type': 'text/plain' }
  const body = 'Internal Server Error'
  const reason = (status: number, more: Parameters<typeof answerOf>[1]) =>
    judged(answerOf(status, more), asked)?.reason
  t.equal(reason(500, { headers, body }), 'SMOKE_APP_NOT_LOADED')
  t.equal(reason(502, { headers, body }), 'SMOKE_STATUS_UNEXPECTED')
  t.equal(reason(500, { headers, body: `${body}!` }), 'SMOKE_STATUS_UNEXPECTED')
  t.equal(reason(500, { headers: { 'content-type': 'text/html' }, body }), 'SMOKE_STATUS_UNEXPECTED')
  t.equal(reason(500, { headers: { ...headers, 'content-length': '21' }, body }), 'SMOKE_STATUS_UNEXPECTED')
})

t.test("answer › php-fpm's own pages are told by FastCGI alone", async t => {
  const message = (text: string, body: string) =>
    judged(answerOf(404, { body }), questionOf(text, { script: '/srv/index.php' }))?.message
  t.match(
    message('fastcgi+unix:/a', 'File not found.\n'),
    'by php-fpm itself, which does not run /srv/index.php',
  )
  t.match(message('fastcgi+unix:/a', 'Access denied.'), 'by php-fpm itself')
  t.notMatch(message('fastcgi+unix:/a', 'File not found. Or so'), 'php-fpm')
  t.notMatch(message('http+unix:/a', 'File not found.\n'), 'php-fpm')
})

t.test('answer › a header is missing, or not as expected, and the first of them is told', async t => {
  const asked = questionOf('http+unix:/a', {}, { headers: { 'X-A': 'one', 'X-B': 'two' } })
  const message = (headers: object) => judged(answerOf(200, { headers }), asked)?.message
  t.equal(message({ 'x-a': 'one', 'x-b': 'two' }), undefined)
  t.equal(message({ 'x-a': 'one' }), 'GET /a/ is answered 200, but the header x-b is missing')
  t.equal(
    message({ 'x-b': 'two', 'x-a': '1' }),
    'GET /a/ is answered 200, but the header x-a is not as expected',
  )
})

t.test('answer › a text that is not there fails, unless it may be in what was not read', async t => {
  const asked = (request: Partial<SmokeRequest> = {}) =>
    questionOf('http+unix:/a', request, { body: 'Welcome' })
  const found = (more: Parameters<typeof answerOf>[1], request?: Partial<SmokeRequest>) =>
    judged(answerOf(200, more), asked(request))
  t.equal(found({ body: 'Welcome!' }), undefined)
  t.equal(found({ body: 'Welcome!', truncated: true }), undefined)
  t.match(found({ body: 'Oops' }), { status: 'fail', message: /does not contain "Welcome"$/ })
  t.match(found({ body: '' }, { method: 'HEAD' }), { status: 'fail', message: /because HEAD has no page/ })
  t.match(found({ body: 'Oops', truncated: true }), { status: 'unknown', reason: 'SMOKE_RESPONSE_TOO_LARGE' })
  t.match(found({ body: '?', headers: { 'content-encoding': 'br' } }), {
    status: 'unknown',
    reason: 'SMOKE_RESPONSE_ENCODED',
  })
  t.match(found({ body: '?', headers: { 'content-encoding': 'identity' } }), { status: 'fail' })
  const long = found({ body: '?', headers: { 'content-encoding': 'x'.repeat(60) } })
  t.match(long?.message, `is encoded (${'x'.repeat(50)}), though`)
})

t.test('answer › one that took longer than max_latency is a warning', async t => {
  const asked = questionOf('http+unix:/a', {}, { max_latency: 500 })
  t.equal(judged(answerOf(200), asked, { latencyMs: 500 }), undefined)
  t.match(judged(answerOf(200), asked, { latencyMs: 500.6 }), {
    status: 'warn',
    message: 'GET /a/ took 501 ms, more than the 500 ms of max_latency',
  })
  t.equal(judged(answerOf(200), questionOf('http+unix:/a'), { latencyMs: 1e6 }), undefined)
})

t.test(
  'progress › workers that are all busy, and complete nothing for half the patience, are stuck',
  async t => {
    const isRecent = (stats: { workers: number; workersBusy: number; idleForMs: number }) => {
      const progress = createAppProgress({ clock: new ManualClock(), patienceMs: 30_000 })
      progress.reported({ listenQueue: 0, requestsCompleted: 0, ...stats })
      return progress.look().isRecent
    }
    t.equal(isRecent({ workers: 1, workersBusy: 1, idleForMs: 15_000 }), false)
    t.equal(isRecent({ workers: 1, workersBusy: 1, idleForMs: 14_999 }), true)
    t.equal(isRecent({ workers: 2, workersBusy: 1, idleForMs: 60_000 }), true)
    t.equal(isRecent({ workers: 0, workersBusy: 0, idleForMs: 60_000 }), true)
  },
)
