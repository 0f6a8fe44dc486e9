import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import type { CheckVerdict, Verdict } from '../../src/core/verdict.ts'
import { logEmbeddedMetrics } from '../../src/log/embedded-metrics.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { mistakesInEmbeddedMetrics } from '../support/embedded-metric-format.ts'
import type { EmbeddedMetricLine } from '../support/embedded-metric-format.ts'
import { ManualClock } from '../support/manual-clock.ts'

const MINUTE_MS = 60_000

const unknown = (cause: 'shared' | 'local', because: CheckVerdict['because']): CheckVerdict => ({
  name: 'page',
  effect: because === 'held' ? 'warn' : 'fail',
  ...(because && { because }),
  ...(because !== 'unproven' && { hold: { cause, since: 0, until: Infinity } }),
  finding: { status: 'unknown', reason: 'DATABASE_REFUSED', cause, message: 'secret of the message' },
})
const refused: CheckVerdict = {
  name: 'page',
  effect: 'fail',
  finding: { status: 'fail', reason: 'SMOKE_SOCKET_REFUSED', message: 'secret of the message' },
}
const verdict = (status: Verdict['status'], phase: Verdict['phase'], ...checks: CheckVerdict[]): Verdict => ({
  status,
  phase,
  checks,
})

const starting = verdict('fail', 'starting', refused)
const serving = verdict('pass', 'serving')

interface Watched {
  readonly service?: string | boolean
  readonly random?: number
  readonly first?: Verdict
}

const watch = ({ service = true, random = 0.5, first = starting }: Watched = {}) => {
  const clock = new ManualClock()
  const lines: (LogEvent & EmbeddedMetricLine)[] = []
  const state: { verdict: Verdict; service: string | boolean; dropped: number } = {
    verdict: first,
    service,
    dropped: 7,
  }
  const metrics = logEmbeddedMetrics({
    service: () => state.service,
    current: () => state.verdict,
    isRequired: name => name !== 'optional',
    dropped: () => state.dropped,
    random: () => random,
    clock,
    logger: { logAlways: event => void lines.push(event as LogEvent & EmbeddedMetricLine) },
  })
  const become = (next: Verdict) => {
    const previous = state.verdict
    state.verdict = next
    metrics.listener.verdictChanged({ verdict: next, previous })
  }
  return { clock, lines, state, metrics, become }
}

t.test(
  'embedded metrics › each minute of the wall clock has one line, wherever in it the host began',
  async t => {
    for (const random of [0, 0.3, 0.999]) {
      const { clock, lines } = watch({ random })
      await clock.advance(10 * MINUTE_MS)
      const minutes = lines.map(line => Math.floor(line._aws.Timestamp / MINUTE_MS))
      t.ok(minutes.length >= 9)
      t.strictSame(
        minutes,
        minutes.map((_, i) => (minutes[0] ?? 0) + i),
      )
      for (const { _aws } of lines)
        t.ok(_aws.Timestamp % MINUTE_MS >= 5000 && _aws.Timestamp % MINUTE_MS <= 55_000)
    }
  },
)

t.test('embedded metrics › every line is of the format, and has its metrics alone', async t => {
  const { clock, lines, become, metrics } = watch({ service: 'shop/web' })
  await clock.advance(2 * MINUTE_MS)
  become(serving)
  metrics.listener.proved()
  await clock.advance(2 * MINUTE_MS)
  t.ok(lines.length >= 3)
  for (const line of lines) t.strictSame(mistakesInEmbeddedMetrics(line), [])
  t.match(lines.at(-1), { event: 'status.measured', msg: 'pass (serving)', Service: 'shop/web' })
})

t.test('embedded metrics › the service is the only dimension; without its name there is none', async t => {
  for (const [service, dimensions] of [
    ['web', [['Service']]],
    [true, [[]]],
  ] as const) {
    const { clock, lines } = watch({ service })
    await clock.advance(MINUTE_MS)
    t.match(lines, [
      { _aws: { CloudWatchMetrics: [{ Namespace: 'HealthSidecar', Dimensions: dimensions }] } },
    ])
    t.equal(lines[0]?.['Service'], service === true ? undefined : service)
  }
})

t.test('embedded metrics › there is no line while they are off, and a reload turns them on', async t => {
  const { clock, lines, state } = watch({ service: false })
  await clock.advance(5 * MINUTE_MS)
  t.equal(lines.length, 0)
  state.service = 'web'
  await clock.advance(MINUTE_MS)
  t.equal(lines.length, 1)
})

t.test('embedded metrics › the gauges tell the phase, and whether the host holds', async t => {
  const cases: readonly (readonly [Verdict, object])[] = [
    [starting, { Serving: 0, Holding: 0, Starting: 1, Draining: 0 }],
    [serving, { Serving: 1, Holding: 0, Starting: 0, Draining: 0 }],
    [
      verdict('warn', 'serving', unknown('shared', 'held')),
      { Serving: 1, Holding: 1, Starting: 0, Draining: 0 },
    ],
    [
      verdict('warn', 'serving', { ...unknown('shared', 'held'), name: 'optional' }),
      { Serving: 1, Holding: 0 },
    ],
    [verdict('fail', 'serving', unknown('local', 'hold-expired')), { Serving: 0, Holding: 0, Starting: 0 }],
    [verdict('fail', 'draining', unknown('shared', 'held')), { Serving: 0, Holding: 0, Draining: 1 }],
  ]
  for (const [first, expected] of cases) {
    const { clock, lines } = watch({ first })
    await clock.advance(MINUTE_MS)
    t.match(lines, [expected])
  }
})

t.test(
  'embedded metrics › the time of a start or a failure grows for trouble of this host alone',
  async t => {
    const { clock, lines, become } = watch()
    const next = async (name: 'StartingSeconds' | 'FailingSeconds' = 'StartingSeconds'): Promise<number> => {
      await clock.advance(MINUTE_MS)
      return Number(lines.at(-1)?.[name])
    }
    const first = await next()
    t.equal(await next(), first + 60, 'while it starts and fails')
    become(verdict('fail', 'starting', unknown('local', 'unproven')))
    t.equal(await next(), first + 120, 'while the sidecar cannot look')
    become(verdict('fail', 'starting', unknown('shared', 'unproven')))
    t.equal(await next(), 0, 'not for what all hosts use')
    become(verdict('fail', 'starting', unknown('shared', 'unproven'), refused))
    t.ok((await next()) < 60, 'from zero after it')
    t.ok((await next()) >= 60, 'with trouble of its own beside that')
    become(verdict('fail', 'draining', refused))
    t.equal(await next(), 0, 'not while it is drained')
    become(serving)
    t.equal(await next('FailingSeconds'), 0, 'not in service')
    become(verdict('fail', 'serving', refused))
    const failing = await next('FailingSeconds')
    t.equal(await next('FailingSeconds'), failing + 60, 'once it fails')
    t.equal(lines.at(-1)?.['StartingSeconds'], 0, 'which is no start')
    become(starting)
    t.ok((await next()) < 60, 'from zero for another release')
    t.equal(lines.at(-1)?.['FailingSeconds'], 0)
  },
)

t.test(
  'embedded metrics › the time to the first 200 is in one line, from the start or the new release',
  async t => {
    const { clock, lines, become, metrics } = watch()
    await clock.advance(90_000)
    become(serving)
    metrics.listener.proved()
    await clock.advance(2 * MINUTE_MS)
    metrics.listener.restarted()
    become(starting)
    await clock.advance(30_000)
    become(serving)
    metrics.listener.proved()
    await clock.advance(2 * MINUTE_MS)
    t.strictSame(
      lines.flatMap(line => line['AdmittedAfterSeconds'] ?? []),
      [90, 30],
    )
  },
)

t.test('embedded metrics › counts are those since the line before', async t => {
  const { clock, lines, become, metrics, state } = watch({ first: serving })
  const seen: number[] = []
  const onProbe = metrics.counting(status => void seen.push(status))
  const request = new IncomingMessage(new Socket())
  onProbe(200, request)
  onProbe(200, request)
  become(verdict('warn', 'serving', unknown('shared', 'held')))
  become(verdict('fail', 'serving', refused))
  onProbe(503, request)
  state.dropped = 10
  await clock.advance(2 * MINUTE_MS)
  t.match(lines, [
    { ProbesPassed: 2, ProbesFailed: 1, AnswerChanges: 1, DroppedLogLines: 3 },
    { ProbesPassed: 0, ProbesFailed: 0, AnswerChanges: 0, DroppedLogLines: 0 },
  ])
  t.strictSame(seen, [200, 200, 503], 'the listener is told of each')
})

t.test('embedded metrics › a line says why by reason codes, and repeats no message', async t => {
  const { clock, lines } = watch()
  await clock.advance(MINUTE_MS)
  t.strictSame(lines[0]?.['reasons'], { page: 'SMOKE_SOCKET_REFUSED' })
  t.notMatch(JSON.stringify(lines), 'secret')
})

t.test('embedded metrics › none is written after the end', async t => {
  const { clock, lines, metrics } = watch()
  metrics[Symbol.dispose]()
  await clock.advance(5 * MINUTE_MS)
  t.equal(lines.length, 0)
})
