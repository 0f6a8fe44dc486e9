import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { DatabaseProxy } from '../gauntlet/database-proxy.ts'
import { runStorm } from '../gauntlet/run-storm.ts'
import { freePort } from '../support/free-port.ts'
import { httpRequest } from '../support/http-request.ts'
import { startPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'
import type { Sidecar } from '../support/sidecar.ts'

const DEADLINE_MS = 1000
/** No answer may be later than the deadline and this; docs/how-it-decides.md says so. */
const LATENESS_MS = 100

/** With this a finding is stale at once, so each probe that finds no run in flight starts one. */
const STALE_AT_ONCE = { fresh_for: '0s' }

/** With this no request is given up, however slow a busy machine is. */
const PATIENT = { timeout: '1m' }

/** Requests that may be with the app at once, where none of them is answered in time. */
const GIVEN_UP = 2

// five processes are started
t.setTimeout(300_000)

const page = (response: ServerResponse): void => void response.end('Welcome')

/** An app on a Unix socket that counts how it is asked. */
const startApp = async (t: Test, directory: string) => {
  const app = {
    path: join(directory, 'app.sock'),
    answer: (response: ServerResponse, _request: IncomingMessage): void => page(response),
    requests: 0,
    atOnce: 0,
    mostAtOnce: 0,
  }
  const server = createServer((request, response) => {
    app.requests += 1
    app.atOnce += 1
    app.mostAtOnce = Math.max(app.mostAtOnce, app.atOnce)
    response.on('close', () => (app.atOnce -= 1)).on('error', () => {})
    app.answer(response, request)
  }).listen(app.path)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return app
}

/** The running program over an app of its own, that serves. */
const serve = async (
  t: Test,
  config: { readonly smoke?: object; readonly checks?: readonly object[] } = {},
) => {
  const scratch = await createScratchDirectory('faults-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const app = await startApp(t, scratch.path)
  const port = await freePort()
  const smoke = { name: 'homepage', type: 'smoke', target: `http+unix:${app.path}`, ...config.smoke }
  const sidecar = await startSidecar({
    scratch,
    port,
    config: {
      deadline: `${DEADLINE_MS}ms`,
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      checks: [smoke, ...(config.checks ?? [])],
    },
  })
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  return { app, port, sidecar }
}

/** How long an answer takes; from one of several addresses, as a balancer has several nodes. */
const timeOf = async (port: number, path: string, node = 0): Promise<number> => {
  const startedAt = performance.now()
  await httpRequest({ host: '127.0.0.1', localAddress: `127.0.0.${2 + (node % 8)}`, port, path })
  return performance.now() - startedAt
}

/** How long so many answers at once take at most. */
const slowest = async (port: number, path: string, probes: number): Promise<number> =>
  Math.max(...(await Promise.all(Array.from({ length: probes }, (_, i) => timeOf(port, path, i)))))

/**
 * Asserts that so many probes at once are all answered by the deadline, this machine's own slowness aside: what it takes
 * for so many to arrive, and the longest that it makes a bare answer wait meanwhile. `/health/live` tells both.
 */
const answersInTime = async (t: Test, port: number, probes: number): Promise<void> => {
  const arrivalMs = await slowest(port, '/health/live', probes)
  const over = new AbortController()
  const asking = slowest(port, '/health', probes).finally(() => over.abort())
  let waitMs = 0
  while (!over.signal.aborted) {
    waitMs = Math.max(waitMs, await timeOf(port, '/health/live'))
    await delay(5)
  }
  const ownMs = arrivalMs + waitMs
  const late = Math.round((await asking) - DEADLINE_MS)
  t.ok(
    late <= LATENESS_MS + ownMs,
    `${late} ms after the deadline, where a bare answer takes ${Math.round(ownMs)} ms`,
  )
}

const statusOf = async (sidecar: Sidecar) => (await sidecar.probe()).status

t.test('faults › an app that hangs: 1,000 probes at once are answered in time, from one request', async t => {
  const { app, port } = await serve(t, { smoke: { ...PATIENT, ...STALE_AT_ONCE } })
  app.answer = () => {}
  const before = app.requests
  await answersInTime(t, port, 1000)
  t.equal(app.mostAtOnce, 1)
  t.equal(app.requests - before, 1)
})

t.test(
  'faults › an app that dribbles for ever: every probe is answered in time, and at last 503',
  async t => {
    const { app, port, sidecar } = await serve(t, {
      smoke: { timeout: '600ms', patience: '1s', ...STALE_AT_ONCE },
    })
    const dribbling = new Set<ServerResponse>()
    app.answer = response => {
      dribbling.add(response.writeHead(200))
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    }
    for (let turn = 0; turn < 3; turn += 1) await answersInTime(t, port, 20)
    t.equal(await statusOf(sidecar), 503)
    t.ok(app.mostAtOnce <= GIVEN_UP, `${app.mostAtOnce} requests at once`)
    app.answer = page
    for (const response of dribbling) response.end()
    t.equal(await statusOf(sidecar), 200, 'as soon as it is well')
  },
)

t.test('faults › a database that swallows every byte: answered in time, and held', async t => {
  await using postgres = await startPostgres()
  const proxyPort = await freePort()
  await using proxy = new DatabaseProxy([{ host: '127.0.0.1', port: proxyPort }], postgres)
  await proxy.accept()
  const database = postgres.url().replace(`:${postgres.port}/`, `:${proxyPort}/`)
  const { app, port } = await serve(t, {
    smoke: { timeout: '600ms', depends_on: ['database'], ...STALE_AT_ONCE },
    checks: [{ name: 'database', type: 'postgres', database, timeout: '600ms', ...STALE_AT_ONCE }],
  })
  proxy.swallow()
  app.answer = () => {}
  for (let turn = 0; turn < 4; turn += 1) await answersInTime(t, port, 50)
  t.match(
    await httpRequest({ host: '127.0.0.1', port, path: '/health' }),
    { status: 200 },
    'not this host’s fault',
  )
  t.ok(app.mostAtOnce <= GIVEN_UP, `${app.mostAtOnce} requests at once`)
  proxy.restore()
})

t.test('faults › a storm of 1,000 probes a second costs the app a request a second', async t => {
  const { app, port } = await serve(t, { smoke: PATIENT })
  const before = app.requests
  const startedAt = performance.now()
  const storm = await runStorm({ host: '127.0.0.1', port }, { perSecond: 1000, seconds: 4 })
  const seconds = (performance.now() - startedAt) / 1000
  t.match(storm, { sent: 4000, ok: 4000, unavailable: 0, failed: 0 })
  t.ok(app.requests - before <= seconds + 1, `${app.requests - before} requests in ${seconds.toFixed(1)} s`)
  t.equal(app.mostAtOnce, 1)
})

t.test('faults › a storm while starting costs the app no more', async t => {
  const scratch = await createScratchDirectory('faults-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const app = await startApp(t, scratch.path)
  const port = await freePort()
  const sidecar = await startSidecar({
    scratch,
    port,
    config: {
      startup: { healthy_threshold: 1000 },
      drain: { wait: '0s' },
      checks: [
        { name: 'homepage', type: 'smoke', target: `http+unix:${app.path}`, ...PATIENT },
        {
          name: 'settled',
          type: 'smoke',
          target: `http+unix:${app.path}`,
          path: '/slow',
          fresh_for: '15s',
          ...PATIENT,
        },
      ],
    },
  })
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  await sidecar.waitFor(({ checks }) => Object.values(checks).every(([{ status }]) => status === 'pass'))
  const before = app.requests
  const startedAt = performance.now()
  const storm = await runStorm({ host: '127.0.0.1', port }, { perSecond: 1000, seconds: 3 })
  const seconds = (performance.now() - startedAt) / 1000
  t.match(storm, { sent: 3000, unavailable: 3000 })
  t.ok(app.requests - before <= seconds + 1, `${app.requests - before} requests in ${seconds.toFixed(1)} s`)
})
