import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Client } from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../../support/free-port.ts'
import { startPostgres } from '../../support/postgres.ts'
import type { TestPostgres } from '../../support/postgres.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { lacks } from '../examples/example.ts'
import { startPrometheus } from './start-prometheus.ts'

/** Longer than any `for:` of an alert about a host that this test could bring about, in evaluations of one second. */
const EVALUATIONS = 20
const PROBE_EVERY_MS = 500

/** What the app answers: it asks the database for each page. */
const pageStatus = async (postgres: TestPostgres): Promise<number> => {
  const client = new Client({ connectionString: postgres.url() })
  // the server may end between two of its answers
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return 200
  } catch {
    return 500
  } finally {
    void client.end().catch(() => {})
  }
}

/** A real daemon beside an app whose page needs the database. A balancer probes it until the test ends. */
const startHost = async (t: Test, postgres: TestPostgres) => {
  const scratch = await createScratchDirectory('hs-fleet-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const app = createServer((_request, response) => {
    void pageStatus(postgres).then(status => response.writeHead(status).end('page'))
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  t.teardown(() => void app.close())
  const address = app.address()
  const target = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const admin = `127.0.0.1:${await freePort()}`
  const often = { interval: '500ms', fresh_for: '200ms', timeout: '5s' }
  const sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      admin: { socket: join(scratch.path, 'admin.sock'), listen: admin },
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      checks: [
        { name: 'page', type: 'smoke', target, depends_on: ['database'], ...often },
        { name: 'database', type: 'postgres', database: postgres.url(), ...often },
      ],
    },
  })
  t.teardown(() => sidecar.stop())
  const probing = setInterval(() => void sidecar.probe().catch(() => {}), PROBE_EVERY_MS)
  t.teardown(() => clearInterval(probing))
  return {
    admin,
    sidecar,
    async breakApp() {
      app.close()
      app.closeAllConnections()
      await once(app, 'close')
    },
  }
}

t.test(
  'prometheus › an outage that hosts share is FleetHolding alone, and a host that fails HostNotServing alone',
  { skip: lacks('prometheus') },
  async t => {
    const postgres = await startPostgres()
    t.teardown(() => postgres[Symbol.asyncDispose]())
    // one after the other: a busy machine starts them in time
    const hosts = [await startHost(t, postgres), await startHost(t, postgres), await startHost(t, postgres)]
    const [first] = hosts
    if (!first) throw new Error('no host')
    await Promise.all(hosts.map(({ sidecar }) => sidecar.waitFor(({ status }) => status === 'pass')))
    const prometheus = await startPrometheus(
      t,
      hosts.map(({ admin }) => admin),
    )
    const isOne = async (expression: string) => (await prometheus.query(expression)).length > 0
    /** Until an alert has fired for longer than others would wait for. */
    const untilSettled = (alert: string) =>
      prometheus.until(() =>
        isOne(`count_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[1m]) >= ${EVALUATIONS}`),
      )
    /** Every alert that has fired so far, however briefly. */
    const fired = async () => {
      const all = 'max_over_time(ALERTS{alertstate="firing"}[10m])'
      const found = await prometheus.query(`count by (alertname, instance) (${all})`)
      return new Set(found.map(({ metric }) => `${metric['alertname']} ${metric['instance'] ?? ''}`))
    }
    await prometheus.until(() => isOne('count(health_sidecar_serving == 1) == 3'))

    await postgres.stop()
    await untilSettled('FleetHolding')
    t.strictSame(await fired(), new Set(['FleetHolding ']))
    const [outage] = await prometheus.firing()
    t.match(outage?.summary, /^100% of the hosts of health-sidecar hold: something that they share/)
    t.match(
      outage?.description,
      /^Hosts by cause: shared 3\. Reasons: database DATABASE_\w+ 3 page DEPENDENCY_NOT_PASSING 3\.$/,
    )
    t.strictSame(
      await Promise.all(hosts.map(async ({ sidecar }) => (await sidecar.probe()).status)),
      [200, 200, 200],
    )

    await postgres.start()
    await prometheus.until(async () => !(await isOne('ALERTS')))

    await first.breakApp()
    await untilSettled('HostNotServing')
    t.strictSame(await fired(), new Set(['FleetHolding ', `HostNotServing ${first.admin}`]))
    t.match(await prometheus.firing(), [
      {
        name: 'HostNotServing',
        instance: first.admin,
        summary: `${first.admin} was in service, and answers 503 now: something is wrong with this host.`,
        description: 'Reasons: page SMOKE_CONNECTION_REFUSED.',
      },
    ])
  },
)
