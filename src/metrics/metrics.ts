import type { OnProbe, ProbeLog } from '../log/probe-log.ts'
import type { Clock } from '../monitor/clock.ts'
import { dateAt } from '../monitor/clock.ts'
import type { MonitorListener } from '../monitor/monitor-listener.ts'
import type { Collector, Scrape } from './collector.ts'
import type { Snapshot } from './readings.ts'

export interface MetricsOptions {
  readonly clock: Clock
  /** What is so now. Runs no check. */
  readonly state: () => Omit<Snapshot, 'startUpMs' | 'lastProbeAt' | 'now' | 'unixTimeAt'>
  /** Lines that no log took, since the start. */
  readonly droppedLines: () => number
}

/**
 * The metrics of a daemon. Until somebody asks for them, the library that makes them is not loaded, and nothing is
 * counted.
 */
export interface Metrics {
  /** Told of each change by the monitor. */
  readonly listener: MonitorListener
  /** Counts from now on. Never rejects. */
  load(): Promise<void>
  /** Reads what is known, and asks nobody. Loads the library if it must. */
  scrape(): Promise<Scrape>
  /** The same listeners; each answer is counted too. */
  counting(log: Pick<ProbeLog, 'onProbe' | 'onRefused'>): Pick<ProbeLog, 'onProbe' | 'onRefused'>
}

export const createMetrics = ({ clock, state, droppedLines }: MetricsOptions): Metrics => {
  let startedAt = clock.now()
  let startUpMs: number | undefined
  let lastProbeAt: number | undefined
  let collector: Collector | undefined
  let loading: Promise<Collector> | undefined

  const snapshot = (): Snapshot => ({
    ...state(),
    startUpMs,
    lastProbeAt,
    now: clock.now(),
    unixTimeAt: at => dateAt(clock, at).getTime() / 1000,
  })

  const loadOnce = async (): Promise<Collector> => {
    const { createCollector } = await import('./collector.ts')
    collector = createCollector({ clock, snapshot, droppedLines })
    return collector
  }
  const loaded = (): Promise<Collector> => (loading ??= loadOnce())

  return {
    listener: {
      checkAnswered: event => collector?.listener.checkAnswered(event),
      verdictChanged: event => collector?.listener.verdictChanged(event),
      restarted() {
        startedAt = clock.now()
        startUpMs = undefined
      },
      proved() {
        startUpMs = clock.now() - startedAt
      },
    },
    // if it cannot be loaded, whoever scrapes is told
    load: async () => void (await loaded().catch(() => {})),
    scrape: async () => (await loaded()).scrape(),
    counting({ onProbe, onRefused }) {
      const counted: OnProbe = (status, request) => {
        lastProbeAt = clock.now()
        collector?.answered(status)
        onProbe(status, request)
      }
      return {
        onProbe: counted,
        onRefused(refusal) {
          if (refusal.status !== undefined) collector?.answered(refusal.status)
          onRefused(refusal)
        },
      }
    },
  }
}
