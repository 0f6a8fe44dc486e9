import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { queries } from '../../../packaging/grafana/queries.ts'
import { STATES } from '../../../packaging/grafana/states.ts'
import { freePort } from '../../support/free-port.ts'
import { runCommand } from '../../support/run-command.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { lacks } from '../examples/example.ts'
import { startPrometheus } from './start-prometheus.ts'

/** A query as Grafana sends it, for all hosts. */
const filledIn = (expression: string): string =>
  expression
    .replaceAll(/\$(job|fleet|instance|check)\b/g, '.*')
    .replaceAll('$__rate_interval', '5s')
    .replaceAll('$__range', '1m')

/** An app that needs a database, and what can go wrong with both. */
const startApp = async (t: Test) => {
  let status = 500
  const app = createServer((_request, response) => response.writeHead(status).end('page')).listen(
    0,
    '127.0.0.1',
  )
  await once(app, 'listening')
  const databasePort = await freePort()
  const database = createTcpServer(socket => socket.end()).listen(databasePort, '127.0.0.1')
  await once(database, 'listening')
  t.teardown(() => {
    app.close()
    app.closeAllConnections()
    database.close()
  })
  const address = app.address()
  return {
    target: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    databasePort,
    answer: (next: number) => void (status = next),
    async loseDatabase() {
      database.close()
      await once(database, 'close')
    },
    async findDatabase() {
      database.listen(databasePort, '127.0.0.1')
      await once(database, 'listening')
    },
  }
}

/** A real daemon beside it, whose holds end in ten minutes. */
const startHost = async (t: Test, app: Awaited<ReturnType<typeof startApp>>) => {
  const scratch = await createScratchDirectory('hs-dashboard-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const admin = `127.0.0.1:${await freePort()}`
  // by their timeout, findings do not expire on a busy machine: each hold has the cause that the test brought about
  const often = { interval: '300ms', fresh_for: '100ms', timeout: '10s' }
  const sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      admin: { socket: join(scratch.path, 'admin.sock'), listen: admin },
      release: 'v1',
      hold: { shared: '10m' },
      startup: { healthy_threshold: 2 },
      drain: { wait: '0s' },
      checks: [
        { name: 'page', type: 'smoke', target: app.target, depends_on: ['database'], ...often },
        {
          name: 'database',
          type: 'tcp',
          target: `127.0.0.1:${app.databasePort}`,
          shared: true,
          required: false,
          ...often,
        },
      ],
    },
  })
  t.teardown(() => sidecar.stop())
  return { admin, sidecar }
}

t.test(
  'dashboard › every query has data in the life of a real host',
  { skip: lacks('prometheus') },
  async t => {
    const app = await startApp(t)
    const { admin, sidecar } = await startHost(t, app)
    const silent = `127.0.0.1:${await freePort()}`
    const prometheus = await startPrometheus(t, [admin, silent], { scrapeInterval: '1s' })
    const seen = (state: (typeof STATES)[number]) => {
      const expression = `(${filledIn(queries.state)}) == ${STATES.indexOf(state)}`
      return prometheus.until(async () => (await prometheus.query(expression)).length > 0)
    }

    await seen('starting')
    app.answer(200)
    await seen('serving')
    await sidecar.probe()
    app.answer(500)
    await seen('failing')
    app.answer(200)
    await seen('serving')
    await app.loseDatabase()
    app.answer(500)
    await seen('holding')
    await app.findDatabase()
    app.answer(200)
    await seen('serving')
    t.match(await runCommand(['drain', '--config', sidecar.configFile, '--reason', 'test', '--for', '5m']), {
      code: 0,
    })
    await seen('draining')

    const found = new Map(
      await Promise.all(
        Object.entries(queries).map(
          async ([name, expression]) => [name, await prometheus.range(filledIn(expression))] as const,
        ),
      ),
    )
    const valuesOf = (name: keyof typeof queries) => (found.get(name) ?? []).flatMap(({ values }) => values)
    t.strictSame(
      [...found]
        .filter(([, series]) => !series.some(({ values }) => values.some(Number.isFinite)))
        .map(([name]) => name),
      [],
      'queries without data',
    )
    t.strictSame(new Set(valuesOf('state')), new Set(STATES.keys()), 'the host was in every state')
    t.strictSame(new Set(valuesOf('failing')), new Set([0, 1]))
    t.ok(valuesOf('unreachable').includes(1), 'the other target is not scraped')
    t.match(
      found.get('holds')?.map(({ metric }) => metric),
      [{ instance: admin, check: 'page', cause: 'shared', reason: 'DEPENDENCY_NOT_PASSING' }],
    )
    t.ok(Math.max(...valuesOf('durations')) > 0 && Math.max(...valuesOf('changes')) > 0)
    t.match(
      found.get('releases')?.map(({ metric }) => metric),
      [{ release: 'v1' }],
    )
  },
)
