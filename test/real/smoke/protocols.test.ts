import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { gist, messageOf, runSmoke } from '../../checks/smoke/run-smoke.ts'
import { freePort } from '../../support/free-port.ts'
import { serverKinds, startHaproxy } from './app-servers.ts'
import { follow } from './follow-advice.ts'
import { directory, start, startGunicorn, startNginx, startPhpFpm, startUwsgi } from './servers.ts'

const usual = { host: 'octopus.energy', headers: { 'X-Forwarded-Proto': 'https' } }
const switches = { SMOKE_ALLOWED_HOSTS: 'octopus.energy' }
const support = join(import.meta.dirname, '../../support')
const [certificate, key] = [join(support, 'localhost.crt'), join(support, 'localhost.key')]

/** Asks again if the server took longer than a second to close, as a new one may do on a busy host. */
const askUntilQuick = async (...asked: Parameters<typeof runSmoke>): ReturnType<typeof runSmoke> => {
  for (let tries = 1; ; tries++) {
    const finding = await runSmoke(...asked)
    if (gist(finding) !== 'fail SMOKE_CLOSED' || tries === 20) return finding
  }
}

/** Servers that wait for the rest of a request, whatever the bytes were. */
const WAIT = new Set(['gunicorn', 'waitress', 'daphne'])

const httpServers = serverKinds.filter(
  ({ name }) => !/uWSGI on|php-fpm|nginx|HAProxy/.test(name) || name === 'nginx in front of uWSGI',
)

for (const kind of httpServers)
  t.test(`smoke › ${kind.name}, asked in another protocol, is named as what it is`, async t => {
    const { ask } = await kind.start(t, switches)
    for (const protocol of ['uwsgi', 'fastcgi'] as const) {
      const keys = {
        ...usual,
        target: ask.target.replace(/^http/, protocol),
        patience: 0,
        ...(protocol === 'fastcgi' && { script: '/srv/index.php' }),
      }
      const finding = await runSmoke(keys, { timeoutMs: 500 })
      if (WAIT.has(kind.name)) {
        t.equal(gist(finding), 'fail SMOKE_NO_ANSWER', protocol)
        t.match(messageOf(finding), /or an HTTP server listens there and waits for more$/)
        continue
      }
      t.equal(gist(finding), 'fail SMOKE_PROTOCOL_MISMATCH', protocol)
      const next = follow(messageOf(finding), keys)
      t.equal(next?.target, ask.target)
      if (next) t.equal(gist(await runSmoke(next)), 'pass', `${protocol}: what the advice leads to`)
    }
  })

t.test('smoke › a uwsgi socket that is asked over http is named, and the advice leads to a pass', async t => {
  const { uwsgi } = await startUwsgi(t)
  const keys = { ...usual, target: `http+unix:${uwsgi}` }
  const finding = await askUntilQuick(keys)
  t.equal(gist(finding), 'fail SMOKE_PROTOCOL_MISMATCH')
  const next = follow(messageOf(finding), keys)
  t.equal(next && gist(await runSmoke(next)), 'pass')
})

const closed = /closed without a byte .* Likely causes: .*TLS, the PROXY protocol/

/** A server on a socket that expects something before HTTP: what its answer is, and what the message says. */
const others: readonly (readonly [string, (t: Test) => Promise<string>, RegExp])[] = [
  [
    'nginx with TLS',
    async t =>
      `http+unix:${(await startNginx(t, { listen: path => `listen unix:${path} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key};` })).http}`,
    /^fail SMOKE_PROTOCOL_MISMATCH: .* (?:expects|speaks) TLS, and the check sends plain HTTP/,
  ],
  [
    'nginx with the PROXY protocol',
    async t =>
      `http+unix:${(await startNginx(t, { listen: path => `listen unix:${path} proxy_protocol;` })).http}`,
    closed,
  ],
  [
    'nginx with HTTP/2 only',
    async t => `http+unix:${(await startNginx(t, { listen: path => `listen unix:${path} http2;` })).http}`,
    /^fail SMOKE_PROTOCOL_MISMATCH: .* speaks HTTP\/2 only, and the check speaks plain HTTP\/1\.1/,
  ],
  [
    'nginx that refuses the Host with 444',
    async t =>
      `http+unix:${(await startNginx(t, { listen: path => `listen unix:${path}; return 444;` })).http}`,
    /closed without a byte .*or refuses this Host without an answer \(as nginx does with 444\)/,
  ],
  [
    'HAProxy with TLS',
    async t => {
      const both = join(await directory(t), 'both.pem')
      await writeFile(both, (await readFile(certificate, 'utf8')) + (await readFile(key, 'utf8')))
      return (await startHaproxy(t, { upstream: '/nowhere.sock', bind: `ssl crt ${both}` })).ask.target
    },
    closed,
  ],
  [
    'HAProxy with the PROXY protocol',
    async t => (await startHaproxy(t, { upstream: '/nowhere.sock', bind: 'accept-proxy' })).ask.target,
    closed,
  ],
  [
    'HAProxy without a server that is up',
    async t => (await startHaproxy(t, { upstream: '/nowhere.sock' })).ask.target,
    /^fail SMOKE_STATUS_UNEXPECTED: .*answered 503, not 200: a proxy in front of the app answers, and has no server/,
  ],
  [
    'nginx without its app',
    async t => `http+unix:${(await startNginx(t, { upstream: '/nowhere.sock' })).http}`,
    /^fail SMOKE_STATUS_UNEXPECTED: .*answered 502, not 200: a proxy in front of the app answers, and the app refuses/,
  ],
  [
    'gunicorn with TLS',
    async t =>
      `http+unix:${(await startGunicorn(t, { args: ['--certfile', certificate, '--keyfile', key] })).http}`,
    closed,
  ],
  ['php-fpm', async t => `http+unix:${(await startPhpFpm(t)).fastcgi}`, /Likely causes: .* FastCGI/],
  [
    'puma with TLS, which waits',
    async t => {
      const port = await freePort()
      const log = join(await directory(t), 'log')
      const bind = `ssl://127.0.0.1:${port}?key=${key}&cert=${certificate}&verify_mode=none`
      await start(t, ['puma', '-b', bind], { sockets: [{ host: '127.0.0.1', port }], log, switches })
      return `http://127.0.0.1:${port}`
    },
    /^fail SMOKE_NO_ANSWER: .*or the server speaks another protocol, such as TLS$/,
  ],
]

for (const [what, startServer, expected] of others)
  t.test(`smoke › over http, ${what} is told as such`, async t => {
    const target = await startServer(t)
    const finding = await askUntilQuick({ ...usual, target, patience: 0 }, { timeoutMs: 1000 })
    t.match(`${gist(finding)}: ${messageOf(finding)}`, expected)
    t.match(gist(finding), /^fail /)
  })
