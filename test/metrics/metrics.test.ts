import { Socket } from 'node:net'
import t from 'tap'
import type { CheckPolicy } from '../../src/core/check-state.ts'
import type { Finding } from '../../src/core/finding.ts'
import { proven } from '../../src/core/host-state.ts'
import type { HostState } from '../../src/core/host-state.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import type { Refusal } from '../../src/log/probe-log.ts'
import { metricList, PREFIX } from '../../src/metrics/metric-list.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import type { Metrics } from '../../src/metrics/metrics.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { requestOf } from '../probes/request-of.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { ManualClock } from '../support/manual-clock.ts'

const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' }
const unknown = (cause: 'shared' | 'busy' | 'local'): Finding => ({
  status: 'unknown',
  reason: 'SMOKE_NO_ANSWER',
  message: 'a "message"\nthat must not be a label',
  cause,
})

/** A scrape, which there is. */
const made = (scrape: Awaited<ReturnType<Metrics['scrape']>>) => {
  if ('unavailable' in scrape) throw new Error(scrape.unavailable)
  return scrape
}

interface HostOptions {
  readonly checks?: readonly CheckPolicy[]
  /** `new`: has to prove itself; without it, the host has. */
  readonly isNew?: boolean
  readonly release?: string
}

/** A host whose checks find what the test says. */
const createHost = ({ checks = [checkPolicy('page')], isNew = false, release }: HostOptions = {}) => {
  const clock = new ManualClock()
  const findings: Record<string, Finding> = {}
  const standing = {
    isReloadRefused: false,
    dropped: 0,
    arePeersAnswering: undefined as boolean | undefined,
  }
  let policies = checks
  const metrics = createMetrics({
    clock,
    state: () => ({
      verdict: monitor.current(),
      startUp: monitor.host.life.phase === 'starting' ? monitor.host.life : undefined,
      drain: monitor.host.life.drain,
      isRequired: name => policies.find(policy => policy.name === name)?.required === true,
      release,
      isReloadRefused: standing.isReloadRefused,
      arePeersAnswering: standing.arePeersAnswering,
    }),
    droppedLines: () => standing.dropped,
    logger: { log() {} },
  })
  const probes = metrics.counting({ onProbe() {}, onRefused() {} })
  const begin = (host?: HostState): Monitor =>
    new Monitor({
      policy: {
        checks: policies,
        holdMs: { local: 900_000, shared: Infinity, busy: Infinity },
        startupHealthyThreshold: 2,
      },
      checks: new Map(
        policies.map(({ name }) => [
          name,
          {
            run: async () => findings[name] ?? { status: 'pass' as const },
            [Symbol.asyncDispose]: async () => {},
          },
        ]),
      ),
      deadlineMs: 4000,
      clock,
      random: () => 0.5,
      listeners: [metrics.listener],
      ...(host && { host }),
    })
  let monitor = begin(isNew ? undefined : proven(clock.now()))

  /** The series of a scrape, by name and labels, without the prefix. */
  const scrape = async (): Promise<Readonly<Record<string, string>>> => {
    const { body } = made(await metrics.scrape())
    const lines = body.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    return Object.fromEntries(
      lines.map(line => {
        const end = line.lastIndexOf(' ')
        return [line.slice(PREFIX.length, end), line.slice(end + 1)]
      }),
    )
  }

  return {
    clock,
    findings,
    standing,
    metrics,
    scrape,
    monitor: () => monitor,
    probe: (status: 200 | 503, userAgent?: string) =>
      probes.onProbe(status, requestOf('10.0.1.7', { ...(userAgent !== undefined && { userAgent }) })),
    refuse: (refusal: Partial<Refusal>) =>
      probes.onRefused({ status: undefined, socket: new Socket(), ...refusal }),
    reload: async (next: readonly CheckPolicy[]) => {
      const before = monitor
      policies = next
      monitor = begin(before.host)
      await before[Symbol.asyncDispose]()
      monitor.start()
    },
    start: async () => {
      monitor.start()
      await clock.advance(100)
    },
  }
}

/** The series of one metric. */
const seriesOf = (series: Readonly<Record<string, string>>, name: string) =>
  Object.keys(series).filter(key => key === name || key.startsWith(`${name}{`))

t.test('metrics › every metric of the list is in a scrape, with its type and help, and no other', async t => {
  const { body, type } = made(await createHost().metrics.scrape())
  t.equal(type, 'text/plain; version=0.0.4; charset=utf-8')
  const lines = (word: string) => body.split('\n').filter(line => line.startsWith(`# ${word} `))
  const all = Object.entries(metricList)
  t.strictSame(lines('TYPE').sort(), all.map(([name, m]) => `# TYPE ${PREFIX}${name} ${m.type}`).sort())
  t.strictSame(lines('HELP').sort(), all.map(([name, m]) => `# HELP ${PREFIX}${name} ${m.help}`).sort())
})

t.test('metrics › the bounds of histograms are those that queries rely on', async t => {
  const { metrics, scrape } = createHost()
  await metrics.load()
  const series = await scrape()
  const bounds = (name: string) =>
    seriesOf(series, `${name}_bucket`).map(key => /le="([^"]+)"/.exec(key)?.[1])
  t.strictSame(bounds('check_duration_seconds'), [
    '0.005',
    '0.025',
    '0.1',
    '0.25',
    '0.5',
    '1',
    '2',
    '5',
    '10',
    '+Inf',
  ])
  t.strictSame(bounds('detection_seconds'), [
    '1',
    '2',
    '5',
    '10',
    '15',
    '30',
    '60',
    '120',
    '300',
    '900',
    '+Inf',
  ])
})

t.test('metrics › say what a probe is answered, by status and phase: one of each is 1', async t => {
  const { start, findings, clock, monitor, scrape } = createHost()
  await start()
  t.match(await scrape(), {
    serving: '1',
    'verdict{status="pass"}': '1',
    'verdict{status="fail"}': '0',
    'phase{phase="serving"}': '1',
    'phase{phase="draining"}': '0',
    'check_status{check="page",status="pass"}': '1',
  })
  findings['page'] = fail
  await clock.advance(11_000)
  t.match(await scrape(), {
    serving: '0',
    'verdict{status="pass"}': '0',
    'verdict{status="fail"}': '1',
    'check_status{check="page",status="pass"}': '0',
    'check_status{check="page",status="fail"}': '1',
    'check_reason_info{check="page",reason="SMOKE_CLOSED"}': '1',
    'verdict_changes_total{to="fail"}': '1',
    'verdict_changes_total{to="pass"}': '0',
  })
  monitor().drain({ reason: 'a long\n"reason"' })
  t.match(await scrape(), {
    'phase{phase="serving"}': '0',
    'phase{phase="draining"}': '1',
    drain_until_timestamp_seconds: '+Inf',
    'verdict_changes_total{to="fail"}': '1',
  })
  findings['page'] = { status: 'pass' }
  monitor().drain({ reason: 'x', until: clock.now() + 60_000 })
  await clock.advance(11_000)
  const until = Number((await scrape())['drain_until_timestamp_seconds'])
  t.equal(until, (clock.date().getTime() + 49_000) / 1000)
  monitor().resume()
  const series = await scrape()
  t.strictSame(seriesOf(series, 'drain_until_timestamp_seconds'), [])
  t.strictSame(seriesOf(series, 'check_reason_info'), [], 'a reason goes with its trouble')
})

t.test('metrics › say what holds the host in service, and for how long', async t => {
  const database = checkPolicy('database', { required: false })
  const { start, findings, clock, scrape } = createHost({ checks: [checkPolicy('page'), database] })
  await start()
  findings['database'] = unknown('shared')
  await clock.advance(11_000)
  const optional = await scrape()
  t.equal(optional['holding{cause="shared"}'], '0', 'a check that can only warn holds nothing')
  t.strictSame(seriesOf(optional, 'hold_left_seconds'), [])

  findings['page'] = unknown('local')
  await clock.advance(11_000)
  const held = await scrape()
  t.match(held, { serving: '1', 'holding{cause="local"}': '1', 'holding{cause="shared"}': '0' })
  const left = Number(held['hold_left_seconds{check="page",cause="local"}'])
  t.ok(left > 880 && left < 900, `${left} s`)

  findings['page'] = unknown('busy')
  await clock.advance(11_000)
  const busy = await scrape()
  t.match(busy, { 'holding{cause="busy"}': '1', 'holding{cause="local"}': '0' })
  t.strictSame(seriesOf(busy, 'hold_left_seconds'), ['hold_left_seconds{check="page",cause="busy"}'])
  t.equal(busy['hold_left_seconds{check="page",cause="busy"}'], '+Inf')
})

t.test('metrics › a host that answers 503 holds nothing, whatever else is unknown', async t => {
  const checks = [checkPolicy('page'), checkPolicy('env')]
  const { start, findings, clock, scrape } = createHost({ checks })
  await start()
  Object.assign(findings, { page: unknown('shared'), env: fail })
  await clock.advance(11_000)
  const series = await scrape()
  t.match(series, { serving: '0', 'holding{cause="shared"}': '0' })
  t.strictSame(seriesOf(series, 'hold_left_seconds'), [])
})

t.test('metrics › a start shows its rounds, and then how long it took', async t => {
  const { start, findings, clock, monitor, scrape } = createHost({ isNew: true })
  findings['page'] = fail
  await start()
  await clock.advance(60_000)
  const starting = await scrape()
  t.match(starting, { 'startup_rounds{kind="passed"}': '0', 'startup_rounds{kind="needed"}': '2' })
  t.strictSame(seriesOf(starting, 'startup_duration_seconds'), [])
  findings['page'] = { status: 'pass' }
  const before = clock.now()
  while (monitor().current().phase === 'starting') await clock.advance(100)
  const took = (clock.now() - before) / 1000 + 60.1
  await clock.advance(500_000)
  const served = await scrape()
  t.strictSame(seriesOf(served, 'startup_rounds'), [])
  t.ok(Math.abs(Number(served['startup_duration_seconds']) - took) < 0.2, `${took} s`)
  monitor().restart()
  t.strictSame(
    seriesOf(await scrape(), 'startup_duration_seconds'),
    [],
    'another release has to prove itself',
  )
})

t.test(
  'metrics › probes are counted by their code, and the latest is known even if nobody had asked',
  async t => {
    const { clock, scrape, probe, refuse } = createHost()
    probe(200)
    const first = await scrape()
    t.equal(Number(first['last_probe_timestamp_seconds']), clock.date().getTime() / 1000)
    t.equal(first['probes_total{code="200"}'], '0', 'it began to count with the scrape')
    await clock.advance(5000)
    probe(503)
    probe(503)
    for (const status of [404, 404, 408, undefined]) refuse({ status })
    await clock.advance(7000)
    const series = await scrape()
    t.match(series, { 'probes_total{code="503"}': '2', 'probes_total{code="404"}': '2' })
    t.strictSame(seriesOf(series, 'probes_total').length, 4, '200, 503, 404, 408')
    t.equal(Number(series['last_probe_timestamp_seconds']), clock.date().getTime() / 1000 - 7)
  },
)

t.test('metrics › no probe at all is the time 0, and what peers ask is none', async t => {
  const { scrape, probe } = createHost()
  t.equal((await scrape())['last_probe_timestamp_seconds'], '0')
  probe(200, 'health-sidecar/0.1.0')
  t.match(await scrape(), { last_probe_timestamp_seconds: '0', 'probes_total{code="200"}': '1' })
})

t.test('metrics › runs are counted by status, and timed', async t => {
  const { start, findings, clock, metrics, scrape } = createHost()
  await metrics.load()
  await start()
  findings['page'] = fail
  await clock.advance(11_000)
  t.match(await scrape(), {
    'check_runs_total{check="page",status="pass"}': '1',
    'check_runs_total{check="page",status="fail"}': '1',
    'check_runs_total{check="page",status="unknown"}': '0',
    'check_duration_seconds_count{check="page"}': '2',
    'check_duration_seconds_bucket{le="0.005",check="page"}': '2',
  })
})

t.test('metrics › detection is the time from the last pass to the 503', async t => {
  const { start, findings, clock, monitor, metrics, scrape } = createHost()
  await metrics.load()
  await start()
  await clock.advance(60_000)
  const before = clock.now()
  findings['page'] = fail
  while (monitor().current().status !== 'fail') await clock.advance(100)
  const series = await scrape()
  t.equal(series['detection_seconds_count'], '1')
  t.ok(Number(series['detection_seconds_sum']) <= 12)
  t.ok(Number(series['detection_seconds_sum']) >= (clock.now() - before) / 1000 - 0.1)
})

t.test('metrics › detection is of faults, not of drains; a warning is a pass', async t => {
  const checks = [checkPolicy('page'), checkPolicy('env', { intervalMs: 60_000 })]
  const { start, findings, clock, monitor, metrics, scrape } = createHost({ checks })
  await metrics.load()
  await start()
  monitor().drain({ reason: 'x' })
  monitor().resume()
  t.match(await scrape(), { detection_seconds_count: '0', 'verdict_changes_total{to="fail"}': '1' })
  await clock.advance(50_000)
  findings['page'] = { status: 'warn', reason: 'SMOKE_SLOW', message: 'slow' }
  await clock.advance(30_000)
  findings['page'] = fail
  while (monitor().current().status !== 'fail') await clock.advance(100)
  t.ok(Number((await scrape())['detection_seconds_sum']) <= 12, 'from the last warning')
})

t.test('metrics › of two checks that fail at once, detection is the longer time', async t => {
  const { metrics, clock, scrape } = createHost()
  await metrics.load()
  for (const name of ['page', 'env']) {
    metrics.listener.checkAnswered?.({ name, finding: { status: 'pass' }, previous: undefined, tookMs: 1500 })
    await clock.advance(4000)
  }
  const checks = ['page', 'env'].map(name => ({ name, effect: 'fail' as const, finding: fail }))
  const previous = { status: 'pass', phase: 'serving', checks: [] } as const
  const failed = { status: 'fail', phase: 'serving', checks } as const
  metrics.listener.verdictChanged?.({ verdict: failed, previous })
  metrics.listener.verdictChanged?.({ verdict: failed, previous: { ...failed, checks: checks.slice(1) } })
  const series = await scrape()
  t.match(series, { detection_seconds_sum: '8', detection_seconds_count: '1' }, 'one 503 is one detection')
  t.match(series, { 'check_duration_seconds_sum{check="page"}': '1.5' })
})

t.test('metrics › a reload keeps the counters, and those of removed checks go', async t => {
  const [page, env, disk] = [checkPolicy('page'), checkPolicy('env'), checkPolicy('disk')]
  const { start, clock, metrics, scrape, reload, probe } = createHost({
    checks: [page, env],
  })
  await metrics.load()
  await start()
  probe(200)
  await clock.advance(21_000)
  const before = Number((await scrape())['check_runs_total{check="page",status="pass"}'])
  t.ok(before >= 2)
  await reload([page, disk])
  const renamed = await scrape()
  t.match(renamed, {
    'check_runs_total{check="page",status="pass"}': String(before),
    'check_runs_total{check="disk",status="pass"}': '0',
    'probes_total{code="200"}': '1',
  })
  t.strictSame(
    Object.keys(renamed).filter(key => key.includes('"env"')),
    [],
    'nothing of a removed check',
  )
  await clock.advance(21_000)
  const later = await scrape()
  t.ok(Number(later['check_runs_total{check="page",status="pass"}']) > before)
  t.ok(Number(later['check_runs_total{check="disk",status="pass"}']) > 0)
  await reload([page, env])
  t.equal((await scrape())['check_runs_total{check="env",status="pass"}'], '0', 'a check that is back is new')
})

t.test('metrics › labels are escaped, and no message is one', async t => {
  const checks = ['__proto__', 'constructor', 'toString', 'le'].map(name => checkPolicy(name))
  const release = 'a"b\\c\nd\r\u2028é'
  const { start, findings, clock, metrics, scrape } = createHost({ checks, release })
  for (const { name } of checks) Object.defineProperty(findings, name, { value: unknown('local') })
  await metrics.load()
  await start()
  await clock.advance(11_000)
  const series = await scrape()
  t.ok(series['release_info{release="a\\"b\\\\c\\nd\r\u2028é"}'])
  for (const { name } of checks) {
    t.equal(series[`check_status{check="${name}",status="unknown"}`], '1')
    t.not(series[`check_runs_total{check="${name}",status="unknown"}`], '0')
  }
  t.notMatch(made(await metrics.scrape()).body, /must not be a label/)
})

t.test('metrics › a refused configuration and dropped lines', async t => {
  const { standing, scrape } = createHost()
  t.match(await scrape(), { config_last_reload_successful: '1', log_dropped_lines_total: '0' })
  Object.assign(standing, { isReloadRefused: true, dropped: 7 })
  t.match(await scrape(), { config_last_reload_successful: '0', log_dropped_lines_total: '7' })
  t.match(await scrape(), { log_dropped_lines_total: '7' }, 'a scrape counts nothing')
})

t.test('metrics › whether peers answer, once that is known', async t => {
  const { standing, scrape } = createHost()
  t.notOk('peers_answering' in (await scrape()))
  standing.arePeersAnswering = false
  t.match(await scrape(), { peers_answering: '0' })
  standing.arePeersAnswering = true
  t.match(await scrape(), { peers_answering: '1' })
})

t.test('metrics › two scrapes at once say the same', async t => {
  const { start, metrics } = createHost()
  await start()
  const [one, other] = await Promise.all([metrics.scrape(), metrics.scrape()])
  t.equal(made(one).body, made(other).body)
})

t.test('metrics › a library that cannot be loaded is told of, once in the log, and retried', async t => {
  const told: LogEvent[] = []
  let isThere = false
  const metrics = createMetrics({
    clock: new ManualClock(),
    state: () => ({
      verdict: { status: 'pass', phase: 'serving', checks: [] },
      startUp: undefined,
      drain: undefined,
      isRequired: () => true,
      release: undefined,
      isReloadRefused: false,
      arePeersAnswering: undefined,
    }),
    droppedLines: () => 0,
    logger: { log: (_level, event) => void told.push(event) },
    async loadCollector() {
      if (isThere) return import('../../src/metrics/collector.ts')
      throw Object.assign(new Error('s3cret'), { code: 'ERR_MODULE_NOT_FOUND' })
    },
  })
  await metrics.load()
  t.match(told, [{ event: 'metrics.unavailable', msg: /cannot be loaded \(ERR_MODULE_NOT_FOUND\); install/ }])
  t.strictSame(await metrics.scrape(), { unavailable: told[0]?.msg })
  t.equal(told.length, 1)
  const probes = metrics.counting({ onProbe() {}, onRefused() {} })
  probes.onProbe(200, requestOf('10.0.1.7'))
  isThere = true
  t.match(made(await metrics.scrape()).body, /health_sidecar_serving 1/)
})
