import t from 'tap'
import type { CheckVerdict, Verdict } from '../../../src/core/verdict.ts'
import { logEmbeddedMetrics } from '../../../src/log/embedded-metrics.ts'
import type { EmbeddedMetrics } from '../../../src/log/embedded-metrics.ts'
import type { LogEvent } from '../../../src/log/logger.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { at, readHcl } from './example.ts'
import type { Hcl } from './example.ts'

const MINUTE_MS = 60_000
const { resource } = await readHcl('cloudwatch/alarms.tf')
const alarms = Object.entries(
  at(resource, 'aws_cloudwatch_metric_alarm') as Readonly<Record<string, readonly Hcl[]>>,
)

const failing: CheckVerdict = {
  name: 'page',
  effect: 'fail',
  finding: { status: 'fail', reason: 'SMOKE_SOCKET_REFUSED', message: 'refused' },
}
const unknown = (phase: Verdict['phase']): CheckVerdict => ({
  name: 'page',
  effect: phase === 'serving' ? 'warn' : 'fail',
  because: phase === 'serving' ? 'held' : 'unproven',
  hold: { cause: 'shared', since: 0, until: Infinity },
  finding: { status: 'unknown', reason: 'DATABASE_REFUSED', cause: 'shared', message: 'refused' },
})

const states = {
  booting: { status: 'fail', phase: 'starting', checks: [failing] },
  serving: { status: 'pass', phase: 'serving', checks: [] },
  failing: { status: 'fail', phase: 'serving', checks: [failing] },
  drained: { status: 'fail', phase: 'draining', checks: [failing] },
  holding: { status: 'warn', phase: 'serving', checks: [unknown('serving')] },
  waiting: { status: 'fail', phase: 'starting', checks: [unknown('starting')] },
} as const satisfies Readonly<Record<string, Verdict>>

interface Host {
  become(state: keyof typeof states): void
  end(): void
}

/** Hosts that write lines of metrics, and CloudWatch's alarms over them. */
const startFleet = () => {
  const clock = new ManualClock()
  const lines: { readonly minute: number; readonly line: LogEvent }[] = []
  const minuteNow = () => Math.floor(clock.date().getTime() / MINUTE_MS)
  let hosts = 0
  const add = (state: keyof typeof states): Host => {
    let verdict: Verdict = states[state]
    hosts += 1
    const metrics: EmbeddedMetrics = logEmbeddedMetrics({
      service: () => 'web',
      current: () => verdict,
      isRequired: () => true,
      dropped: () => 0,
      random: () => (hosts * 0.37) % 1,
      clock,
      logger: { logAlways: line => void lines.push({ minute: minuteNow(), line }) },
    })
    return {
      become(next) {
        const previous = verdict
        verdict = states[next]
        metrics.listener.verdictChanged({ verdict, previous })
      },
      end: () => metrics[Symbol.dispose](),
    }
  }

  /** A metric's statistic over one minute; undefined if no host wrote it. */
  const valueOf = (minute: number, { metric_name: metric, statistic }: Hcl): number | undefined => {
    const values = lines.flatMap(({ minute: other, line }) =>
      other === minute ? [Number(line[String(metric)])] : [],
    )
    if (values.length === 0) return undefined
    const sum = values.reduce((a, b) => a + b)
    return { Maximum: Math.max(...values), Average: sum / values.length, SampleCount: values.length }[
      String(statistic)
    ]
  }

  const breaches = (minute: number, alarm: Hcl): boolean => {
    const value = valueOf(minute, alarm)
    if (value === undefined) return alarm['treat_missing_data'] === 'breaching'
    const threshold = Number(alarm['threshold'])
    const is = {
      GreaterThanThreshold: value > threshold,
      GreaterThanOrEqualToThreshold: value >= threshold,
      LessThanThreshold: value < threshold,
    }[String(alarm['comparison_operator'])]
    if (is === undefined) throw new Error('another comparison')
    return is
  }

  const first = minuteNow() + 2
  return {
    add,
    minutes: (count: number) => clock.advance(count * MINUTE_MS),
    /** The alarms that went off, each with its minute. The minutes at both ends may be parts of minutes. */
    wentOff(): Readonly<Record<string, number>> {
      const minutes = Array.from({ length: minuteNow() - first }, (_, i) => first + i)
      return Object.fromEntries(
        alarms.flatMap(([name, [alarm = {}]]) => {
          const evaluated = Number(alarm['evaluation_periods'])
          const needed = Number(alarm['datapoints_to_alarm'])
          const off = minutes.findIndex(
            (_, i) =>
              i + 1 >= evaluated &&
              minutes.slice(i + 1 - evaluated, i + 1).filter(minute => breaches(minute, alarm)).length >=
                needed,
          )
          return off < 0 ? [] : [[name, off]]
        }),
      )
    },
  }
}

t.test('alarms › a release that never comes up sets one off before its launching hook ends', async t => {
  const fleet = startFleet()
  for (let host = 0; host < 3; host += 1) fleet.add('serving')
  fleet.add('booting')
  await fleet.minutes(20)
  const { stuck_starting: minute = Infinity, ...others } = fleet.wentOff()
  t.ok(minute >= 9 && minute < 14, `after ${minute} minutes`)
  t.strictSame(others, {})
})

t.test(
  'alarms › a release that comes up and then fails sets one off before the balancer takes it out',
  async t => {
    const fleet = startFleet()
    const [host] = [fleet.add('serving'), fleet.add('serving'), fleet.add('serving')]
    await fleet.minutes(5)
    const before = fleet.wentOff()
    host.become('failing')
    await fleet.minutes(3)
    t.strictSame([before, Object.keys(fleet.wentOff())], [{}, ['failing']])
  },
)

t.test('alarms › hosts that boot one after the other, and hosts that are drained, set none off', async t => {
  const fleet = startFleet()
  const old = [fleet.add('serving'), fleet.add('serving')]
  for (let round = 0; round < 6; round += 1) {
    const host = fleet.add('booting')
    // boot and rounds
    await fleet.minutes(4.5)
    host.become('serving')
    old.shift()?.become('drained')
  }
  await fleet.minutes(15)
  t.strictSame(fleet.wentOff(), {})
})

t.test('alarms › an outage of what all hosts use concerns its owner, and stops no refresh', async t => {
  const fleet = startFleet()
  const hosts = [fleet.add('serving'), fleet.add('serving'), fleet.add('serving')]
  await fleet.minutes(5)
  for (const host of hosts) host.become('holding')
  fleet.add('waiting')
  await fleet.minutes(30)
  t.strictSame(Object.keys(fleet.wentOff()), ['fleet_holding'])
})

t.test('alarms › hosts that write nothing more are missed', async t => {
  const fleet = startFleet()
  const host = fleet.add('serving')
  await fleet.minutes(10)
  t.strictSame(fleet.wentOff(), {})
  host.end()
  await fleet.minutes(10)
  t.strictSame(Object.keys(fleet.wentOff()), ['silent'])
})
