import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { Clock } from '../monitor/clock.ts'
import type { MonitorListener } from '../monitor/monitor-listener.ts'
import { statuses } from '../core/status.ts'
import { metricList, PREFIX } from './metric-list.ts'
import type { LabelOf, MetricName, NameOf } from './metric-list.ts'
import { gaugeNames, readings, VERDICTS } from './readings.ts'
import type { AnyReading, Snapshot } from './readings.ts'

/** What a scrape is answered. */
export interface Scrape {
  readonly type: string
  readonly body: string
}

/** Counts what happens, and says what is so. */
export interface Collector {
  readonly listener: Pick<Required<MonitorListener>, 'checkAnswered' | 'verdictChanged'>
  /** A request of the public listener was answered. */
  answered(httpStatus: number): void
  scrape(): Promise<Scrape>
}

export interface CollectorOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly snapshot: () => Snapshot
  /** Of all logs since the start. */
  readonly droppedLines: () => number
}

/** Its name, help and labels, as the library takes them. */
const optionsOf = <Name extends MetricName>(name: Name, registry: Registry) => {
  const { help, labels }: { readonly help: string; readonly labels: readonly LabelOf<Name>[] } =
    metricList[name]
  return { name: PREFIX + name, help, labelNames: labels, registers: [registry] }
}

/** Sets the gauges of a registry to what is so at a scrape. */
const createGauges = (registry: Registry): ((now: Snapshot) => void) => {
  const gauges = gaugeNames.map(name => {
    const read: (now: Snapshot) => readonly AnyReading[] = readings[name]
    return { gauge: new Gauge<string>(optionsOf(name, registry)), read }
  })
  return now => {
    for (const { gauge, read } of gauges) {
      const series = read(now)
      gauge.reset()
      // after a reset, a gauge without labels is 0: not the same as absent
      if (series.length === 0) gauge.remove({})
      for (const { labels, value } of series) gauge.set(labels, value)
    }
  }
}

export const createCollector = ({ clock, snapshot, droppedLines }: CollectorOptions): Collector => {
  const registry = new Registry()
  const setGauges = createGauges(registry)
  const counter = <Name extends NameOf<'counter'>>(name: Name) =>
    new Counter<LabelOf<Name>>(optionsOf(name, registry))
  const histogram = <Name extends NameOf<'histogram'>>(name: Name) =>
    new Histogram<LabelOf<Name>>({ ...optionsOf(name, registry), buckets: [...metricList[name].buckets] })

  const runs = counter('check_runs_total')
  const changes = counter('verdict_changes_total')
  const probes = counter('probes_total')
  const dropped = counter('log_dropped_lines_total')
  const durations = histogram('check_duration_seconds')
  const detection = histogram('detection_seconds')

  // a series that begins at 0 shows its first increase
  for (const to of VERDICTS) changes.inc({ to }, 0)
  for (const code of [200, 503]) probes.inc({ code }, 0)

  /** By check: when it last passed, in monotonic milliseconds; undefined if it has not. Its series are there. */
  const lastPasses = new Map<string, number | undefined>()

  const add = (check: string): void => {
    lastPasses.set(check, undefined)
    for (const status of statuses) runs.inc({ check, status }, 0)
    durations.zero({ check })
  }

  const remove = (check: string): void => {
    lastPasses.delete(check)
    for (const status of statuses) runs.remove({ check, status })
    durations.remove({ check })
  }

  /** A check that is no longer configured has no series. */
  const follow = (checks: ReadonlySet<string>): void => {
    for (const check of lastPasses.keys()) if (!checks.has(check)) remove(check)
    for (const check of checks) if (!lastPasses.has(check)) add(check)
  }

  return {
    listener: {
      checkAnswered({ name, finding, tookMs }) {
        if (!lastPasses.has(name)) add(name)
        if (finding.status === 'pass' || finding.status === 'warn') lastPasses.set(name, clock.now())
        runs.inc({ check: name, status: finding.status })
        durations.observe({ check: name }, tookMs / 1000)
      },
      verdictChanged({ verdict, previous }) {
        if (verdict.status !== previous.status) changes.inc({ to: verdict.status })
        if (verdict.status !== 'fail' || previous.status === 'fail') return
        const passes = verdict.checks.flatMap(({ name, effect }) =>
          effect === 'fail' ? (lastPasses.get(name) ?? []) : [],
        )
        if (passes.length > 0) detection.observe((clock.now() - Math.min(...passes)) / 1000)
      },
    },
    answered: httpStatus => probes.inc({ code: httpStatus }),
    async scrape() {
      const now = snapshot()
      follow(new Set(now.verdict.checks.map(({ name }) => name)))
      setGauges(now)
      dropped.reset()
      dropped.inc(droppedLines())
      return { type: registry.contentType, body: await registry.metrics() }
    },
  }
}
