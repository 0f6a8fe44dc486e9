import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../../support/free-port.ts'
import { gist, messageOf, runSmoke } from '../../checks/smoke/run-smoke.ts'
import type { SmokeKeys } from '../../checks/smoke/run-smoke.ts'
import { startGunicorn, startNginx, startUwsgi } from './servers.ts'

const tlsDirectory = join(import.meta.dirname, '../../support/tls')
const fileOf = (name: string) => join(tlsDirectory, name)
const tls = { verify: true, ca_file: fileOf('ca.crt') }
const ownCertificate = { cert_file: fileOf('client.crt'), key_file: fileOf('server.key') }
const host = 'octopus.energy'
const pair = `ssl_certificate ${fileOf('server.crt')}; ssl_certificate_key ${fileOf('server.key')};`
const named = { ...tls, server_name: 'localhost' }

const judged = async (keys: SmokeKeys) => {
  const finding = await runSmoke({ host, ...keys }, { timeoutMs: 20_000 })
  return `${gist(finding)}: ${messageOf(finding)}`
}

/** nginx with these listeners before the Django app. */
const nginx = async (t: Test, listen: (path: string) => string) => {
  const { uwsgi } = await startUwsgi(t)
  return (await startNginx(t, { upstream: uwsgi, listen })).http
}

t.test('https › of nginx', async t => {
  const port = await freePort()
  const path = await nginx(
    t,
    socket =>
      `listen unix:${socket} ssl; listen 127.0.0.1:${port} ssl; ${pair} ssl_protocols TLSv1.2 TLSv1.3;`,
  )
  const headers = { 'X-Forwarded-Proto': 'https' }
  for (const target of [`https+unix:${path}`, `https://127.0.0.1:${port}`]) {
    t.match(await judged({ target, tls: named, headers, expect: { body: 'Welcome' } }), /^pass/, target)
    t.match(await judged({ target, headers }), /^fail SMOKE_CERTIFICATE_UNTRUSTED: .*set tls\.ca_file/)
    t.match(await judged({ target, headers, tls }), /^fail SMOKE_CERTIFICATE_NAME_WRONG: .*DNS:localhost/)
    t.match(await judged({ target, headers, tls: { verify: false } }), /^pass/)
  }
  t.match(
    await judged({ target: `http://127.0.0.1:${port}` }),
    new RegExp(`^fail SMOKE_PROTOCOL_MISMATCH: .*write the target as https://127\\.0\\.0\\.1:${port}`),
  )
})

t.test('https › of nginx that wants a certificate of its clients', async t => {
  const verify = `ssl_client_certificate ${fileOf('ca.crt')}; ssl_verify_client on;`
  const path = await nginx(t, socket => `listen unix:${socket} ssl; ${pair} ${verify}`)
  const target = `https+unix:${path}`
  t.match(await judged({ target, tls: named }), /^fail SMOKE_CLIENT_CERTIFICATE: .*set tls\.cert_file/)
  const headers = { 'X-Forwarded-Proto': 'https' }
  t.match(await judged({ target, headers, tls: { ...named, ...ownCertificate } }), /^pass/)
})

t.test('https › of gunicorn, plain and with a certificate of its clients', async t => {
  const args = ['--certfile', fileOf('server.crt'), '--keyfile', fileOf('server.key'), '--workers', '2']
  const { http } = await startGunicorn(t, { args })
  const target = `https+unix:${http}`
  const headers = { 'X-Forwarded-Proto': 'https' }
  t.match(await judged({ target, tls: named, headers }), /^pass/)
  t.match(await judged({ target: `http+unix:${http}` }), /SMOKE_(PROTOCOL_MISMATCH|CLOSED).*(TLS|https)/)
  const strict = await startGunicorn(t, {
    args: [...args, '--cert-reqs', '2', '--ca-certs', fileOf('ca.crt')],
  })
  const toStrict = `https+unix:${strict.http}`
  t.match(
    await judged({ target: toStrict, tls: named }),
    /^fail SMOKE_(CLIENT_CERTIFICATE|TLS_FAILED|CLOSED): .*tls\.cert_file/,
  )
  t.match(await judged({ target: toStrict, headers, tls: { ...named, ...ownCertificate } }), /^pass/)
})

t.test('https › to a plain nginx and a plain uWSGI socket', async t => {
  const { uwsgi, http } = await startUwsgi(t)
  t.match(await judged({ target: `https+unix:${http}` }), /^fail SMOKE_(PROTOCOL_MISMATCH|TLS_FAILED)/)
  t.match(await judged({ target: `https+unix:${uwsgi}` }), /^fail SMOKE_TLS_FAILED/)
})

for (const version of ['v1', 'v2'] as const)
  t.test(`PROXY protocol ${version} › before nginx, in plain text and over TLS`, async t => {
    const [port, securePort] = [await freePort(), await freePort()]
    const path = await nginx(
      t,
      socket => `
        listen unix:${socket} proxy_protocol; listen 127.0.0.1:${port} proxy_protocol;
        listen 127.0.0.1:${securePort} ssl proxy_protocol; ${pair}`,
    )
    const headers = { 'X-Forwarded-Proto': 'https' }
    const targets = [`http+unix:${path}`, `http://127.0.0.1:${port}`, `https://127.0.0.1:${securePort}`]
    for (const target of targets) {
      const keys = { target, headers, ...(target.startsWith('https') && { tls: named }) }
      t.match(await judged({ ...keys, proxy_protocol: version }), /^pass/, target)
      t.match(await judged(keys), /^fail SMOKE_(PROTOCOL_MISMATCH|TLS_FAILED): .*PROXY protocol/, target)
    }
  })

t.test('PROXY protocol › to servers that do not expect it', async t => {
  const path = await nginx(t, socket => `listen unix:${socket};`)
  for (const proxy_protocol of ['v1', 'v2'] as const)
    t.match(
      await judged({ target: `http+unix:${path}`, proxy_protocol }),
      /^fail .*PROXY protocol/,
      proxy_protocol,
    )
})

t.test('PROXY protocol › before gunicorn, over TCP', async t => {
  const port = await freePort()
  await startGunicorn(t, { args: ['--proxy-protocol', '--bind', `127.0.0.1:${port}`, '--workers', '2'] })
  const target = `http://127.0.0.1:${port}`
  const headers = { 'X-Forwarded-Proto': 'https' }
  t.match(await judged({ target, headers, proxy_protocol: 'v1' }), /^pass/)
})
