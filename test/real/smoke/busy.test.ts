import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Finding } from '../../../src/core/finding.ts'
import { createSmoke, gist } from '../../checks/smoke/run-smoke.ts'
import { directory, startGunicorn, startUwsgi } from './servers.ts'

const TIMEOUT_MS = 2000
const INTERVAL_MS = 1000
const PATIENCE_MS = 12_000
/** The first page is slow: the app is still loaded when its server listens. */
const FIRST_PAGE_MS = 20_000

// each has a server of its own, and waits for most of its time
t.jobs = 5

/** Clients that ask for a page again and again, each waiting for its answer. */
const startClients = (
  t: Test,
  { socket, count, seconds = 0.5 }: { socket: string; count: number; seconds?: number },
) => {
  const stopped = new AbortController()
  let served = 0
  const ask = () =>
    new Promise<void>(resolve => {
      const asking = request({ socketPath: socket, path: `/delay/?seconds=${seconds}` }, response => {
        response.resume()
        response.on('end', () => {
          if (response.statusCode === 200) served++
          resolve()
        })
      })
      asking.on('error', () => resolve())
      t.teardown(() => asking.destroy())
      asking.end()
    })
  const run = async () => {
    while (!stopped.signal.aborted) await ask()
  }
  for (let client = 0; client < count; client++) void run()
  const stop = () => stopped.abort()
  t.teardown(stop)
  return { served: () => served, stop }
}

/** Runs a check as the monitor would, until `until` says that it is enough. */
const runUntil = async (
  check: ReturnType<typeof createSmoke>,
  until: (finding: Finding, elapsedMs: number) => boolean,
) => {
  const startedAt = performance.now()
  const findings: Finding[] = []
  for (;;) {
    const finding = await check.run(AbortSignal.timeout(TIMEOUT_MS))
    findings.push(finding)
    const elapsedMs = performance.now() - startedAt
    if (until(finding, elapsedMs)) return { findings, elapsedMs }
    await sleep(INTERVAL_MS)
  }
}

const servers = {
  gunicorn: async (t: Test) => {
    const server = await startGunicorn(t)
    return { ...server, target: `http+unix:${server.http}` }
  },
  uWSGI: async (t: Test) => {
    const server = await startUwsgi(t)
    return { ...server, target: `http+unix:${server.http}` }
  },
}

for (const [name, start] of Object.entries(servers)) {
  t.test(
    `busy is not dead › ${name}: overload is never a failure; stopped workers are one in time`,
    async t => {
      const server = await start(t)
      await using check = createSmoke({ target: server.target, patience: PATIENCE_MS })
      t.equal(gist(await check.run(AbortSignal.timeout(FIRST_PAGE_MS))), 'pass')
      const clients = startClients(t, { socket: server.http, count: 24 })

      const { findings } = await runUntil(check, (_, elapsedMs) => elapsedMs > 25_000)
      const statuses = findings.map(gist)
      t.comment(`${clients.served()} pages served: ${statuses.join(', ')}`)
      t.ok(clients.served() > 50, 'the app serves all the time')
      t.strictSame(
        findings.filter(({ status }) => status === 'fail'),
        [],
      )
      const busy = findings.flatMap(finding => (finding.status === 'unknown' ? [finding] : []))
      t.ok(busy.length > 3, 'the queue is longer than the timeout')
      t.strictSame(
        busy.filter(finding => finding.cause !== 'busy'),
        [],
      )
      const queueMs = Math.max(...busy.map(({ evidence }) => Number(evidence?.['answeredAfterMs'] ?? 0)))
      t.ok(queueMs > TIMEOUT_MS, 'with the queue time')

      server.stop()
      // the last answer was late, so that the next one may be later by three times as much, and by what the machine adds
      const limitMs = PATIENCE_MS + 4 * queueMs + TIMEOUT_MS + 2 * INTERVAL_MS
      const stuck = await runUntil(check, ({ status }, ms) => status === 'fail' || ms > limitMs)
      t.comment(
        `failed ${Math.round(stuck.elapsedMs)} ms after the stop: ${gist(stuck.findings.at(-1) as Finding)}`,
      )
      t.match(stuck.findings.at(-1), { status: 'fail', reason: 'SMOKE_NO_ANSWER' })
      t.ok(stuck.elapsedMs < limitMs, 'within its patience and what the queue adds')
    },
  )

  t.test(`busy is not dead › ${name}: a page of 90 s alone is a failure within its patience`, async t => {
    const server = await start(t)
    const slow = { target: server.target, path: '/delay/?seconds=90' }
    await using check = createSmoke({ ...slow, patience: PATIENCE_MS })
    const { findings, elapsedMs } = await runUntil(
      check,
      ({ status }, ms) => status === 'fail' || ms > 60_000,
    )
    t.match(findings.at(-1), { status: 'fail', reason: 'SMOKE_NO_ANSWER' })
    t.ok(elapsedMs < PATIENCE_MS + 10_000)
  })
}

t.test('busy is not dead › the statistics of uWSGI tell a stuck app in half of its patience', async t => {
  const stats = join(await directory(t), 's.sock')
  const server = await startUwsgi(t, { args: ['--processes', '2', '--stats', stats] })
  const target = `http+unix:${server.http}`
  await using check = createSmoke({
    target,
    patience: PATIENCE_MS,
    progress: { uwsgi_stats: `unix:${stats}` },
  })
  t.equal(gist(await check.run(AbortSignal.timeout(FIRST_PAGE_MS))), 'pass')
  const clients = startClients(t, { socket: server.http, count: 24 })
  const { findings } = await runUntil(check, (_, elapsedMs) => elapsedMs > 15_000)
  t.strictSame(
    findings.filter(({ status }) => status === 'fail'),
    [],
  )
  t.match(findings.at(-1), { evidence: { workers: 2, workersBusy: 2, requestsCompleted: Number } })
  t.ok(clients.served() > 20)

  clients.stop()
  startClients(t, { socket: server.http, count: 4, seconds: 90 })
  await runUntil(check, ({ evidence }, ms) => evidence?.['requestsCompleted'] === 0 || ms > 60_000)
  const stuck = await runUntil(check, ({ status }, ms) => status === 'fail' || ms > 60_000)
  t.comment(`failed ${Math.round(stuck.elapsedMs)} ms after no request was completed any more`)
  t.match(stuck.findings.at(-1), { status: 'fail', evidence: { requestsCompleted: 0, workersBusy: 2 } })
  t.ok(stuck.elapsedMs < PATIENCE_MS - 2000)
})
