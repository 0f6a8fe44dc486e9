import { codeOf, describeError } from '../lib/describe-error.ts'
import { isOfSidecar, userAgentOf } from '../lib/user-agent.ts'
import type { Logger } from '../log/logger.ts'
import type { OnProbe, ProbeLog } from '../log/probe-log.ts'
import type { Clock } from '../monitor/clock.ts'
import { dateAt } from '../monitor/clock.ts'
import type { MonitorListener } from '../monitor/monitor-listener.ts'
import type { Collector, CollectorOptions, Scrape } from './collector.ts'
import type { Snapshot } from './readings.ts'

export interface MetricsOptions {
  readonly clock: Clock
  /** What is so now. Runs no check. */
  readonly state: () => Omit<Snapshot, 'startUpMs' | 'lastProbeAt' | 'now' | 'unixTimeAt'>
  /** Lines that no log took, since the start. */
  readonly droppedLines: () => number
  readonly logger: Logger
  /** Loads what counts, and the library with it. */
  readonly loadCollector?: () => Promise<{
    readonly createCollector: (options: CollectorOptions) => Collector
  }>
}

/**
 * The metrics of a daemon. Until somebody asks for them, the library that makes them is not loaded, and nothing is
 * counted.
 */
export interface Metrics {
  /** Told of each change by the monitor. */
  readonly listener: MonitorListener
  /** Counts from now on. Never rejects: if the library cannot be loaded, the log says so, and the next scrape retries. */
  load(): Promise<void>
  /** Reads what is known, and asks nobody. Loads the library if it must. */
  scrape(): Promise<Scrape | { readonly unavailable: string }>
  /** The same listeners; each answer is counted too. */
  counting(log: Pick<ProbeLog, 'onProbe' | 'onRefused'>): Pick<ProbeLog, 'onProbe' | 'onRefused'>
}

export const createMetrics = ({
  clock,
  state,
  droppedLines,
  logger,
  loadCollector = () => import('./collector.ts'),
}: MetricsOptions): Metrics => {
  let startedAt = clock.now()
  let startUpMs: number | undefined
  let lastProbeAt: number | undefined
  let collector: Collector | undefined
  let loading: Promise<Collector | { readonly unavailable: string }> | undefined
  let isTold = false

  const snapshot = (): Snapshot => ({
    ...state(),
    startUpMs,
    lastProbeAt,
    now: clock.now(),
    unixTimeAt: at => dateAt(clock, at).getTime() / 1000,
  })

  const loadOnce = async (): Promise<Collector | { readonly unavailable: string }> => {
    try {
      const { createCollector } = await loadCollector()
      collector = createCollector({ clock, snapshot, droppedLines })
      return collector
    } catch (error) {
      loading = undefined
      const unavailable = `the metrics cannot be counted: their library, @prometheus-io/client, cannot be loaded (${codeOf(error) ?? describeError(error)}); install this version again and restart the service; probes are answered all the same`
      if (!isTold) logger.log('error', { event: 'metrics.unavailable', msg: unavailable })
      isTold = true
      return { unavailable }
    }
  }
  const loaded = () => (loading ??= loadOnce())

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
    load: async () => void (await loaded()),
    async scrape() {
      const found = await loaded()
      return 'unavailable' in found ? found : found.scrape()
    },
    counting({ onProbe, onRefused }) {
      const counted: OnProbe = (status, request) => {
        if (!isOfSidecar(userAgentOf(request))) lastProbeAt = clock.now()
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
