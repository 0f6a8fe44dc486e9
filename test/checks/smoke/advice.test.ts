import t from 'tap'
import { bytes, page, serve } from './fake-server.ts'
import { gist, messageOf, runSmoke } from './run-smoke.ts'
import type { SmokeKeys } from './run-smoke.ts'

type Keys = Partial<SmokeKeys> & { readonly protocol?: 'http' | 'uwsgi' }

const judged = async (
  test: Parameters<typeof serve>[0],
  respond: Parameters<typeof serve>[1],
  { protocol = 'http', ...keys }: Keys = {},
) => {
  const app = await serve(test, respond)
  return await runSmoke({ target: `${protocol}+unix:${app.path}`, host: 'octopus.energy', ...keys })
}

const https = { headers: { 'X-Forwarded-Proto': 'https' } }

const redirects: readonly (readonly [what: string, location: string, keys: Keys, RegExp])[] = [
  [
    'a slash, with X-Forwarded-Proto believed',
    'https://octopus.energy/about/',
    https,
    /^fail SMOKE_REDIRECT_SLASH: .* with a trailing slash .* path as \/about\/$/,
  ],
  [
    'a slash too many',
    '/about',
    { path: '/about/' },
    /^fail SMOKE_REDIRECT_SLASH: .* without a trailing slash .* path as \/about$/,
  ],
  ['the same URL', 'https://octopus.energy/about', https, /^fail SMOKE_REDIRECT_HTTPS: .*does not believe/],
  [
    'https',
    'https://octopus.energy/about',
    {},
    /^fail SMOKE_REDIRECT_HTTPS: .*send X-Forwarded-Proto: https/,
  ],
  [
    'www',
    'https://www.octopus.energy/about?key=hunter2',
    https,
    /^fail SMOKE_REDIRECT_HOST: .* to https:\/\/www\.octopus\.energy\/about \(301\).*host to www\.octopus\.energy/,
  ],
  [
    'single sign-on',
    'https://sso.example/login?state=hunter2',
    https,
    /^fail SMOKE_REDIRECT_HOST: .*https:\/\/sso\.example\/login \(301\).*needs no login$/,
  ],
  [
    'a language',
    '/en-gb/about',
    https,
    /^fail SMOKE_STATUS_UNEXPECTED: .*chooses a language: write the check's path as \/en-gb\/about$/,
  ],
  [
    'a login',
    '/accounts/login/?next=/about&token=hunter2',
    https,
    /^fail SMOKE_STATUS_UNEXPECTED: .* to https:\/\/octopus\.energy\/accounts\/login\/ \(301\), not answered 200: choose a page/,
  ],
]

for (const [what, location, keys, expected] of redirects)
  t.test(`advice › a redirect to ${what} is told as such, with its target and without its query`, async t => {
    const answer = page('301 Moved Permanently', '', `Location: ${location}\r\n`)
    const finding = await judged(t, answer, { path: '/about', ...keys })
    t.match(`${gist(finding)}: ${messageOf(finding)}`, expected)
    t.match(finding.evidence?.['redirectedTo'], /^https?:\/\/[^?]+$/)
    t.notMatch(JSON.stringify(finding), /hunter2/)
  })

const refusals: readonly (readonly [what: string, Parameters<typeof page>, Keys, RegExp])[] = [
  [
    'Django',
    ['400 Bad Request', '<h1>Bad Request (400)</h1>'],
    {},
    /^fail SMOKE_HOST_REJECTED: .*octopus\.energy/,
  ],
  ['Starlette', ['400 Bad Request', 'Invalid host header'], {}, /^fail SMOKE_HOST_REJECTED/],
  ['Rails', ['403 Forbidden', '<h1>Blocked hosts: octopus.energy</h1>'], {}, /^fail SMOKE_HOST_REJECTED/],
  ['a misdirected request', ['421 Misdirected Request', ''], {}, /^fail SMOKE_HOST_REJECTED/],
  [
    'Django behind uWSGI with a Server header',
    ['400 Bad Request', '<h1>Bad Request (400)</h1>', 'Server: nginx-like\r\n'],
    { protocol: 'uwsgi' },
    /^fail SMOKE_HOST_REJECTED/,
  ],
  [
    'an app behind uWSGI with a Server header',
    ['400 Bad Request', 'no', 'Server: web\r\n'],
    { protocol: 'uwsgi' },
    /^fail SMOKE_STATUS_UNEXPECTED: .*may not take the Host octopus\.energy/,
  ],
  [
    "nginx's TLS port",
    [
      '400 Bad Request',
      '<center>The plain HTTP request was sent to HTTPS port</center>',
      'Server: nginx\r\n',
    ],
    {},
    /^fail SMOKE_PROTOCOL_MISMATCH: .* expects TLS/,
  ],
  [
    "gunicorn's scheme headers",
    ['400 Bad Request', '<h1>Bad Request</h1> Contradictory scheme headers'],
    {},
    /^fail SMOKE_STATUS_UNEXPECTED: .*contradictory scheme headers/,
  ],
  ['nobody', ['400 Bad Request', ''], {}, /^fail SMOKE_STATUS_UNEXPECTED: .*does not say why/],
  [
    'an app that forbids',
    ['403 Forbidden', 'no'],
    {},
    /^fail SMOKE_STATUS_UNEXPECTED: .*answered 403, not 200/,
  ],
]

for (const [what, answer, keys, expected] of refusals)
  t.test(`advice › a refusal by ${what} is read by what it says`, async t => {
    const finding = await judged(t, page(...answer), keys)
    t.match(`${gist(finding)}: ${messageOf(finding)}`, expected)
  })

t.test('advice › a chunked page that ends early is truncated, wherever it ends', async t => {
  const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
  for (const protocol of ['http', 'uwsgi'] as const)
    for (const rest of ['7\r\nWelcome\r\n', '70\r\nWelcome', '7', '7\r\nWelcome\r\n0\r\n'])
      t.equal(gist(await judged(t, bytes(head + rest), { protocol })), 'fail SMOKE_RESPONSE_CUT_SHORT', rest)
  t.equal(gist(await judged(t, bytes(`${head}zz\r\nWelcome`))), 'fail SMOKE_RESPONSE_MALFORMED')
})

t.test('advice › a page that is encoded neverRun cannot be compared', async t => {
  const encoded = page('200 OK', '\u001f\u008b', 'Content-Encoding: gzip\r\n')
  const finding = await judged(t, encoded, { expect: { body: 'Welcome' } })
  t.equal(gist(finding), 'unknown SMOKE_RESPONSE_ENCODED')
  t.match(messageOf(finding), /is encoded \(gzip\)/)
  t.equal(gist(await judged(t, encoded)), 'pass', 'if no text is expected')
})

t.test('advice › a mismatch names the likely causes, and never sends host:port to uwsgi first', async t => {
  const silent = (socket: { end(): unknown }) => void socket.end()
  const local = messageOf(await judged(t, silent))
  t.match(local, /Likely causes: a uwsgi server listens there: write the target as uwsgi\+unix:/)
})
