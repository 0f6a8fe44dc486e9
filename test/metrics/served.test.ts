import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { ConfigError } from '../../src/config/config-error.ts'
import { freePort } from '../support/free-port.ts'
import { httpRequest } from '../support/http-request.ts'
import { startInProcess } from '../support/start-daemon.ts'

/** Whether a package was loaded in this process. */
const isLoaded = (name: string): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some(path => path.includes(`/node_modules/${name}/`))

const valueOf = (scrape: string, series: string): number =>
  Number(
    scrape
      .split('\n')
      .find(line => line.startsWith(`health_sidecar_${series} `))
      ?.split(' ')[1],
  )

t.test('metrics › their library is loaded once somebody asks for them, and not before', async t => {
  const { starting, port, directory } = await startInProcess(t)
  await starting
  const socketPath = join(directory, 'admin', 'admin.sock')
  await httpRequest({ host: '127.0.0.1', port, path: '/health' })
  await httpRequest({ socketPath, path: '/status' })
  t.notOk(isLoaded('@prometheus-io/client'))
  t.match(await httpRequest({ socketPath, path: '/metrics', method: 'HEAD' }), { status: 200, body: '' })
  t.ok(isLoaded('@prometheus-io/client'))
  const answer = await httpRequest({ socketPath, path: '/metrics' })
  t.match(answer, { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
  t.equal(valueOf(answer.body, 'probes_total{code="503"}'), 0, 'it counts from then on')
  t.ok(valueOf(answer.body, 'last_probe_timestamp_seconds') > 0)
  t.match(await httpRequest({ socketPath, path: '/metrics', method: 'POST' }), { status: 405 })
})

t.test('metrics › with admin.listen, they count from the start, and a reload keeps them', async t => {
  const adminPort = await freePort()
  const { starting, port } = await startInProcess(t, {
    admin: { socket: '/proc/x', listen: `127.0.0.1:${adminPort}` },
  })
  const daemon = await starting
  await httpRequest({ host: '127.0.0.1', port, path: '/health' })
  await httpRequest({ host: '127.0.0.1', port, path: '/other' })
  const scrape = async () =>
    (await httpRequest({ host: '127.0.0.1', port: adminPort, path: '/metrics' })).body
  const before = await scrape()
  t.equal(valueOf(before, 'probes_total{code="503"}'), 1)
  t.equal(valueOf(before, 'probes_total{code="404"}'), 1)
  t.ok(valueOf(before, 'check_runs_total{check="page",status="fail"}') > 0)

  await daemon.reload(async () =>
    Promise.reject(new ConfigError('x.yaml', [{ line: 1, column: 1, path: '', message: 'is wrong' }])),
  )
  t.equal(valueOf(await scrape(), 'config_last_reload_successful'), 0)
  const renamed = {
    ...daemon.config,
    checks: daemon.config.checks.map(check => ({ ...check, name: 'front' })),
  }
  t.match(await daemon.reload(async () => renamed), { kind: 'taken' })
  const after = await scrape()
  t.equal(valueOf(after, 'config_last_reload_successful'), 1)
  t.equal(valueOf(after, 'probes_total{code="503"}'), 1)
  t.notMatch(after, /"page"/)
  t.match(after, /check_runs_total\{check="front",status="fail"\}/)
})

t.test('metrics › a scrape answers while every check hangs, and asks nothing of the app', async t => {
  let connections = 0
  const app = createServer(() => {}).on('connection', () => void (connections += 1))
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  t.teardown(() => app.closeAllConnections())
  t.teardown(() => void app.close())
  const arrived = once(app, 'connection')
  const address = app.address()
  const target = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const { starting, directory } = await startInProcess(t, {
    checks: [{ name: 'page', type: 'smoke', target, timeout: '1m', interval: '1m' }],
  })
  await starting
  await arrived
  const socketPath = join(directory, 'admin', 'admin.sock')
  for (let i = 0; i < 10; i += 1)
    t.match(await httpRequest({ socketPath, path: '/metrics' }), {
      status: 200,
      body: /check_reason_info\{check="page",reason="CHECK_NEVER_RAN"\} 1/,
    })
  t.equal(connections, 1)
})
