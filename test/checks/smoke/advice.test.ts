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
    /^fail SMOKE_REDIRECT_HOST: .*https:\/\/sso\.example\/login \(301\).*host: choose a page that needs no login; if sso\.example is a host of the app itself, set the check's host to sso\.example$/,
  ],
  [
    'another host with the same path',
    'https://shop.example/about',
    https,
    /^fail SMOKE_REDIRECT_HOST: .*set the check's host to shop\.example, or choose a page that needs no login$/,
  ],
  [
    'another port of the same scheme',
    'http://octopus.energy/about',
    { host: 'octopus.energy:8000' },
    /^fail SMOKE_REDIRECT_HOST: .*set the check's host to octopus\.energy$/,
  ],
  [
    'https on another port',
    'https://octopus.energy:8443/about',
    {},
    /^fail SMOKE_REDIRECT_HTTPS: .*send X-Forwarded-Proto: https/,
  ],
  [
    'https, without the query',
    'https://octopus.energy/about',
    { path: '/about?a=1' },
    /SMOKE_REDIRECT_HTTPS/,
  ],
  [
    'the same path with a query',
    'https://octopus.energy/about?cookie_check=1',
    https,
    /^fail SMOKE_STATUS_UNEXPECTED: .*the app adds a query/,
  ],
  [
    'plain http',
    'http://octopus.energy/about',
    https,
    /^fail SMOKE_STATUS_UNEXPECTED: .*the app wants plain http: send no X-Forwarded-Proto/,
  ],
  [
    'itself, over plain http',
    '/about',
    {},
    /^fail SMOKE_STATUS_UNEXPECTED: .*the page redirects to itself, as an app does that wants a cookie/,
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
  ['webpack', ['403 Forbidden', 'Invalid Host header'], {}, /^fail SMOKE_HOST_REJECTED/],
  [
    'Werkzeug',
    ['400 Bad Request', '<p>Host &#39;x&#39; is not trusted.</p>'],
    {},
    /^fail SMOKE_HOST_REJECTED/,
  ],
  ['Symfony', ['400 Bad Request', 'Untrusted Host "x".'], {}, /^fail SMOKE_HOST_REJECTED/],
  ['Laravel', ['404 Not Found', 'Bad hostname provided.'], {}, /^fail SMOKE_HOST_REJECTED/],
  [
    'Spring',
    ['400 Bad Request', 'The request was rejected because the domain x is untrusted.'],
    {},
    /^fail SMOKE_HOST_REJECTED/,
  ],
  [
    'ASP.NET',
    ['400 Bad Request', '<h2>Bad Request - Invalid Hostname</h2>'],
    {},
    /^fail SMOKE_HOST_REJECTED/,
  ],
  ['Vite', ['403 Forbidden', 'Blocked request. This host ("x") is not allowed.'], {}, /SMOKE_HOST_REJECTED/],
  [
    'Rails in production, with an empty page',
    ['403 Forbidden', '', 'Content-Type: text/html; charset=utf-8\r\n'],
    {},
    /^fail SMOKE_STATUS_UNEXPECTED: .*403, not 200: most likely the app does not take the Host octopus\.energy: set the check's host/,
  ],
  [
    'a virtual host that is not known',
    ['404 Not Found', '404 page not found'],
    {},
    /^fail SMOKE_STATUS_UNEXPECTED: .*no such page: correct the check's path; or the app does not take the Host octopus\.energy/,
  ],
  ['a login', ['401 Unauthorized', 'no'], {}, /^fail SMOKE_STATUS_UNEXPECTED: .*the page needs a login/],
  [
    'a page that has no HEAD',
    ['405 Method Not Allowed', ''],
    { method: 'HEAD' },
    /^fail SMOKE_STATUS_UNEXPECTED: .*set the check's method to GET/,
  ],
  [
    'Envoy',
    ['503 Service Unavailable', 'no healthy upstream', 'Server: envoy\r\n'],
    {},
    /^fail SMOKE_STATUS_UNEXPECTED: .*a proxy in front of the app answers, and has no server/,
  ],
  [
    'a gateway',
    ['504 Gateway Timeout', ''],
    {},
    /^fail SMOKE_STATUS_UNEXPECTED: .*the app is too slow for it/,
  ],
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
    /^fail SMOKE_PROTOCOL_MISMATCH: .* (?:speaks|expects) TLS, .*write the target as https/,
  ],
  [
    "Tomcat's TLS port",
    ['400 Bad Request', 'Bad Request\r\nThis combination of host and port requires TLS.\r\n'],
    {},
    /^fail SMOKE_PROTOCOL_MISMATCH: .* (?:speaks|expects) TLS, .*write the target as https/,
  ],
  [
    'uvicorn, asked in uwsgi',
    ['400 Bad Request', 'Invalid HTTP request received.', 'Content-Type: text/plain\r\n'],
    { protocol: 'uwsgi' },
    /^fail SMOKE_PROTOCOL_MISMATCH: .*write the target as http\+unix:/,
  ],
  [
    'Node or puma, asked in uwsgi',
    ['400 Bad Request', ''],
    { protocol: 'uwsgi' },
    /^fail SMOKE_PROTOCOL_MISMATCH: .*write the target as http\+unix:/,
  ],
  [
    'an app behind uWSGI, with an empty page',
    ['400 Bad Request', '', 'Content-Type: text/html\r\n'],
    { protocol: 'uwsgi' },
    /^fail SMOKE_STATUS_UNEXPECTED: .*may not take the Host octopus\.energy/,
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
  // puma writes an error page into it
  const intoIt = `${head}7\r\nWelcome\r\nHTTP/1.1 500 Internal Server Error\r\n\r\n`
  for (const protocol of ['http', 'uwsgi'] as const)
    t.equal(gist(await judged(t, bytes(intoIt), { protocol })), 'fail SMOKE_RESPONSE_CUT_SHORT')
  t.equal(gist(await judged(t, bytes('HTTP/1.1 zz\r\n\r\n'))), 'fail SMOKE_RESPONSE_MALFORMED')
})

t.test('advice › a page that is encoded neverRun cannot be compared', async t => {
  const encoded = page('200 OK', '\u001f\u008b', 'Content-Encoding: gzip\r\n')
  const finding = await judged(t, encoded, { expect: { body: 'Welcome' } })
  t.equal(gist(finding), 'unknown SMOKE_RESPONSE_ENCODED')
  t.match(messageOf(finding), /is encoded \(gzip\)/)
  t.equal(gist(await judged(t, encoded)), 'pass', 'if no text is expected')
})

t.test('advice › HTTP/2 and TLS are named by their first bytes', async t => {
  const settings = '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\0\0\0'
  const http2 = await judged(t, bytes(settings))
  t.match(`${gist(http2)}: ${messageOf(http2)}`, /^fail SMOKE_PROTOCOL_MISMATCH: .* speaks HTTP\/2 only/)
  const tls = await judged(t, bytes('\x15\x03\x01\0\x02\x02\x46'))
  t.match(
    `${gist(tls)}: ${messageOf(tls)}`,
    /^fail SMOKE_PROTOCOL_MISMATCH: .* (?:speaks|expects) TLS, .*write the target as https/,
  )
})

t.test('advice › a mismatch names the likely causes, and never sends host:port to uwsgi first', async t => {
  const silent = (socket: { end(): unknown }) => void socket.end()
  const local = messageOf(await judged(t, silent))
  t.match(local, /Likely causes: a uwsgi server listens there: write the target as uwsgi\+unix:/)
})
