import t from 'tap'
import { foldSamples } from '../../../src/checks/smoke/fold-samples.ts'
import type { Sample } from '../../../src/checks/smoke/fold-samples.ts'
import { page, serve } from './fake-server.ts'
import { gist, messageOf, runSmoke } from './run-smoke.ts'

const pass: Sample = { finding: { status: 'pass' }, latencyMs: 1 }
const problem = (status: 'warn' | 'fail' | 'unknown', latencyMs = 1): Sample => ({
  finding: { status, reason: 'SMOKE_CLOSED', message: status },
  latencyMs,
})

const statusOf = (...samples: [Sample, ...Sample[]]) =>
  foldSamples(samples, { wanted: samples.length, subject: 'GET /' }).status

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
  const app = await serve(t, page('200 OK', ''))
  const finding = await runSmoke({ target: `http+unix:${app.path}`, samples: 10 }, { timeoutMs: 350 })
  t.equal(gist(finding), 'unknown SMOKE_TOO_SLOW')
  t.match(messageOf(finding), /time for only \d of 10 requests/)
})

t.test('samples › a request that is not answered ends the run', async t => {
  let served = 0
  const app = await serve(t, socket => (++served === 2 ? undefined : page('200 OK', '')(socket)))
  const finding = await runSmoke({ target: `http+unix:${app.path}`, samples: 5 }, { timeoutMs: 500 })
  t.equal(gist(finding), 'fail SMOKE_NO_ANSWER')
  t.match(finding, { evidence: { samples: 2, failedSamples: 1 } })
})

t.test('fold samples › a failure outweighs an unknown, that a warning, and that a pass', async t => {
  t.equal(statusOf(pass, problem('unknown'), problem('fail'), problem('warn')), 'fail')
  t.equal(statusOf(pass, problem('unknown'), problem('warn')), 'unknown')
  t.equal(statusOf(problem('warn'), pass), 'warn')
  t.equal(statusOf(pass, pass), 'pass')
})

t.test('fold samples › the latency is that of the slowest', async t => {
  const finding = foldSamples([problem('fail', 3.5), { ...pass, latencyMs: 20.04 }], {
    wanted: 2,
    subject: 'GET /',
  })
  t.match(finding, { evidence: { latencyMs: 20, samples: 2, failedSamples: 1 } })
})
