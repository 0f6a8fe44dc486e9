import t from 'tap'
import { combineSamples } from '../../../src/checks/smoke/combine-samples.ts'
import type { Sample } from '../../../src/checks/smoke/combine-samples.ts'
import { page, serve } from './fake-server.ts'
import type { SmokeClock } from '../../../src/checks/smoke/clock.ts'
import { SHORT_MS, createSmoke, gist, messageOf, runSmoke } from './run-smoke.ts'

const pass: Sample = { finding: { status: 'pass' }, latencyMs: 1, timedOut: false }
const problem = (status: 'warn' | 'fail' | 'unknown', latencyMs = 1): Sample => ({
  finding: { status, reason: 'SMOKE_CLOSED', message: status },
  latencyMs,
  timedOut: false,
})

const statusOf = (...samples: [Sample, ...Sample[]]) =>
  combineSamples(samples, { wanted: samples.length, tookMs: 100, subject: 'GET /' }).status

t.test('samples › are sent one after the other, spread over the run', async t => {
  const arrivals: number[] = []
  let open = 0
  let most = 0
  const app = await serve(t, socket => {
    arrivals.push(performance.now())
    most = Math.max(most, ++open)
    socket.on('close', () => open--)
    page('200 OK', '')(socket)
  })
  const finding = await runSmoke({ target: `http+unix:${app.path}`, samples: 4 })
  t.match(finding, { status: 'pass', evidence: { samples: 4, failedSamples: 0 } })
  t.equal(most, 1)
  t.ok((arrivals[3] ?? 0) - (arrivals[0] ?? 0) > 250, 'three pauses of 100 ms')
})

t.test('samples › one that fails among several fails the run, with the count in the evidence', async t => {
  let served = 0
  const app = await serve(t, socket => page(++served === 3 ? '500 Oops' : '200 OK', '')(socket))
  const finding = await runSmoke({ target: `http+unix:${app.path}`, samples: 5 })
  t.equal(gist(finding), 'fail SMOKE_STATUS_UNEXPECTED')
  t.match(finding, { evidence: { samples: 5, failedSamples: 1, httpStatus: 500 } })
  t.match(messageOf(finding), /^1 of 5 requests: GET \/ on /)
})

t.test('samples › without time for all of them, nothing is proved', async t => {
  let now = 0
  /** Pauses pass at once; the time that the requests take is set below. */
  const clock: SmokeClock = {
    now: () => now,
    after: (delayMs, callback) => {
      const timer = delayMs <= 100 ? setImmediate(callback) : undefined
      if (timer) now += delayMs
      return { [Symbol.dispose]: () => clearImmediate(timer) }
    },
  }
  const controller = new AbortController()
  // the fifth request arrives 9 ms before the time is up, and is not answered
  const app = await serve(t, socket => {
    now += 9
    if (app.requests.length < 5) page('200 OK', '')(socket)
    else controller.abort()
  })
  await using check = createSmoke({ target: `http+unix:${app.path}`, samples: 10 }, { clock })
  const finding = await check.run(controller.signal)
  t.equal(gist(finding), 'unknown SMOKE_TOO_SLOW')
  t.match(messageOf(finding), /time for only 4 of 10 requests/)
  t.match(finding, { evidence: { samples: 4, failedSamples: 0 } })
})

t.test('samples › a request that timed out counts only after its fair share of the run', async t => {
  const last = (latencyMs: number): [Sample, Sample] => [
    pass,
    { ...problem('fail', latencyMs), timedOut: true },
  ]
  const run = { wanted: 2, tookMs: 300, subject: 'GET /' }
  t.equal(gist(combineSamples(last(99), run)), 'unknown SMOKE_TOO_SLOW')
  t.equal(combineSamples(last(100), run).status, 'fail')
  const failed = { ...problem('fail', 1), timedOut: false }
  t.equal(combineSamples([failed, last(9)[1]], run).status, 'fail', 'what another request proved stands')
})

t.test('samples › a single request that was sent too late proves nothing', async t => {
  const late: Sample = { ...problem('fail', 9), timedOut: true }
  const finding = combineSamples([late], { wanted: 1, tookMs: 2000, subject: 'GET /' })
  t.equal(gist(finding), 'unknown CHECK_TIMED_OUT')
  t.match(messageOf(finding), /sent too late in the run/)
})

t.test('samples › a request that is not answered ends the run', async t => {
  let served = 0
  const app = await serve(t, socket => (++served === 2 ? undefined : page('200 OK', '')(socket)))
  const run = () => {
    served = 0
    return { target: `http+unix:${app.path}`, samples: 5 }
  }
  const busy = await runSmoke(run(), { timeoutMs: SHORT_MS })
  t.match(busy, { status: 'unknown', cause: 'busy', reason: 'SMOKE_NO_ANSWER' })
  t.match(busy, { evidence: { samples: 2, failedSamples: 0 } })
  const finding = await runSmoke({ ...run(), patience: 0 }, { timeoutMs: SHORT_MS })
  t.equal(gist(finding), 'fail SMOKE_NO_ANSWER')
  t.match(finding, { evidence: { samples: 2, failedSamples: 1 } })
})

t.test('combine samples › a failure outweighs an unknown, that a warning, and that a pass', async t => {
  t.equal(statusOf(pass, problem('unknown'), problem('fail'), problem('warn')), 'fail')
  t.equal(statusOf(pass, problem('unknown'), problem('warn')), 'unknown')
  t.equal(statusOf(problem('warn'), pass), 'warn')
  t.equal(statusOf(pass, pass), 'pass')
})

t.test('combine samples › the latency is that of the slowest', async t => {
  const finding = combineSamples([problem('fail', 3.5), { ...pass, latencyMs: 20.04 }], {
    wanted: 2,
    tookMs: 100,
    subject: 'GET /',
  })
  t.match(finding, { evidence: { latencyMs: 20, samples: 2, failedSamples: 1 } })
})

t.test('combine samples › a single request speaks for itself; of several, a count precedes', async t => {
  const combined = (wanted: number, ...samples: [Sample, ...Sample[]]) =>
    combineSamples(samples, { wanted, tookMs: 300, subject: 'GET /' })
  const one = combined(1, problem('fail'))
  t.equal(messageOf(one), 'fail')
  t.strictSame(one.evidence, { latencyMs: 1 })
  t.strictSame(combined(1, pass), { status: 'pass', evidence: { latencyMs: 1 } })
  t.equal(messageOf(combined(2, problem('warn'), pass)), '1 of 2 requests: warn')
  t.equal(messageOf(combined(2, problem('warn'), problem('warn'))), '2 of 2 requests: warn')
  t.notOk('message' in combined(2, pass, pass))
})

t.test('combine samples › of several, none that had its time is nothing at all', async t => {
  const late: Sample = { ...problem('fail', 9), timedOut: true }
  const finding = combineSamples([late, late], { wanted: 2, tookMs: 300, subject: 'GET /' })
  t.match(finding, {
    status: 'unknown',
    reason: 'SMOKE_TOO_SLOW',
    evidence: { samples: 0, failedSamples: 0 },
  })
  t.notOk('cause' in finding, 'nothing shows that the app makes progress')
  t.match(messageOf(finding), 'there was time for only 0 of 2 requests of GET /')
  const some = combineSamples([pass, late], { wanted: 3, tookMs: 300, subject: 'GET /' })
  t.match(some, { cause: 'busy', evidence: { samples: 1 } })
})
