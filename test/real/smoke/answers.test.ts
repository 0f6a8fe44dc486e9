import t from 'tap'
import type { Test } from 'tap'
import { gist, runSmoke } from '../../checks/smoke/run-smoke.ts'
import type { SmokeKeys } from '../../checks/smoke/run-smoke.ts'
import { startGunicorn, startNginx, startUwsgi } from './servers.ts'
import type { Switches } from './servers.ts'

const switches: Switches = {
  SMOKE_ALLOWED_HOSTS: 'octopus.energy',
  SMOKE_SSL_REDIRECT: '1',
  SMOKE_PROXY_SSL_HEADER: '1',
}

const servers: readonly (readonly [string, (t: Test) => Promise<string>])[] = [
  ['uWSGI on a uwsgi socket', async t => `uwsgi+unix:${(await startUwsgi(t, { switches })).uwsgi}`],
  ['uWSGI on an http-socket', async t => `http+unix:${(await startUwsgi(t, { switches })).http}`],
  ['gunicorn', async t => `http+unix:${(await startGunicorn(t, { switches })).http}`],
  [
    'nginx in front of uWSGI',
    async t => {
      const { uwsgi } = await startUwsgi(t, { switches })
      return `http+unix:${(await startNginx(t, { upstream: uwsgi })).http}`
    },
  ],
]

/** What is asked, and what comes of it. */
const rows: readonly (readonly [string, Omit<SmokeKeys, 'target'>, string])[] = [
  ['a page', { expect: { body: 'Welcome' } }, 'pass'],
  ['a page, several times', { samples: 3 }, 'pass'],
  ['a page by HEAD', { method: 'HEAD' }, 'pass'],
  ['headers', { expect: { headers: { 'Content-Type': '/^text\\/html; charset=utf-8$/' } } }, 'pass'],
  ['a slow page', { expect: { max_latency: 0.01 } }, 'warn SMOKE_LATENCY_HIGH'],
  [
    'what the app is told of the request',
    {
      path: '/environment/?a=%20b',
      expect: {
        body: '/"host": "octopus.energy", "secure": true, "path": "\\/environment\\/\\?a=%20b", "agent": "health-sidecar\\/[\\d.]+"/',
      },
    },
    'pass',
  ],
  ['a Host that is not allowed', { host: 'example.org' }, 'fail SMOKE_HOST_REJECTED'],
  ['no X-Forwarded-Proto', { headers: {} }, 'fail SMOKE_REDIRECT_HTTPS'],
  ['no slash at the end', { path: '/about' }, 'fail SMOKE_REDIRECT_SLASH'],
  ['the slash', { path: '/about/', expect: { body: 'About' } }, 'pass'],
  ['a view that raises', { path: '/error/' }, 'fail SMOKE_STATUS_UNEXPECTED'],
  ['a page that is not there', { path: '/nowhere/' }, 'fail SMOKE_STATUS_UNEXPECTED'],
  ['a page that is not there, on purpose', { path: '/nowhere/', expect: { status: 404 } }, 'pass'],
  ['another text', { expect: { body: 'Farewell' } }, 'fail SMOKE_BODY_UNEXPECTED'],
  ['another header', { expect: { headers: { 'Content-Type': 'json' } } }, 'fail SMOKE_HEADER_UNEXPECTED'],
  ['the top of a large page', { path: '/large/', expect: { body: 'Welcome' } }, 'pass'],
  [
    'the end of a large page',
    { path: '/large/', expect: { body: 'end' } },
    'unknown SMOKE_RESPONSE_TOO_LARGE',
  ],
  ['all of a large page', { path: '/large/', expect: { body: 'end' }, max_body: 2_000_000 }, 'pass'],
  ['a page that is cut short', { path: '/cut/' }, 'fail SMOKE_RESPONSE_CUT_SHORT'],
]

for (const [name, startServer] of servers)
  t.test(`smoke › of ${name}`, async t => {
    const target = await startServer(t)
    for (const [what, config, expected] of rows) {
      const ask = { target, host: 'octopus.energy', headers: { 'X-Forwarded-Proto': 'https' }, ...config }
      t.equal(gist(await runSmoke(ask)), expected, what)
    }
  })

t.test('smoke › over uwsgi, X-Forwarded-Proto: https is enough without SECURE_PROXY_SSL_HEADER', async t => {
  const { uwsgi } = await startUwsgi(t, { switches: { SMOKE_SSL_REDIRECT: '1' } })
  const target = `uwsgi+unix:${uwsgi}`
  t.equal(gist(await runSmoke({ target })), 'fail SMOKE_REDIRECT_HTTPS')
  t.equal(gist(await runSmoke({ target, headers: { 'X-Forwarded-Proto': 'https' } })), 'pass')
})

t.test('smoke › of uWSGI on an abstract socket', async t => {
  const name = `@smoke-${process.pid}`
  await startUwsgi(t, { args: ['--processes', '1', '--socket', name] })
  t.equal(gist(await runSmoke({ target: `uwsgi+unix:${name}`, expect: { body: 'Welcome' } })), 'pass')
  t.equal(gist(await runSmoke({ target: `uwsgi+unix:${name}-other` })), 'fail SMOKE_CONNECTION_REFUSED')
})
