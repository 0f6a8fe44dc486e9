import type { Config } from './config/config.ts'
import type { Verdict } from './core/verdict.ts'
import type { ConfiguredHistory } from './history/configured-history.ts'
import type { PublicOptions } from './http/public.ts'
import { logEmbeddedMetrics } from './log/embedded-metrics.ts'
import type { Guard } from './log/guard.ts'
import type { OpenLogger } from './log/logger.ts'
import { logMonitor } from './log/monitor-log.ts'
import { createProbeLog } from './log/probe-log.ts'
import { createMetrics } from './metrics/metrics.ts'
import type { Metrics, MetricsOptions } from './metrics/metrics.ts'
import type { MonitorListener } from './monitor/monitor-listener.ts'
import { followProbes } from './probes/follow-probes.ts'
import type { FollowedProbes } from './probes/follow-probes.ts'

/** All that watch a running daemon: its logs, its history, its metrics. They only listen: no answer depends on them. */
export interface Observers extends Disposable, AsyncDisposable {
  readonly metrics: Pick<Metrics, 'load' | 'scrape'>
  /** Who probes, and how. */
  readonly probes: Pick<FollowedProbes, 'document' | 'closing'>
  /** What a monitor of this configuration tells of, in this order. */
  listeners(config: Config): readonly MonitorListener[]
  /** What a public listener tells of. */
  readonly ofProbes: Required<Pick<PublicOptions, 'onProbe' | 'onRefused' | 'onGaveUp'>>
  /** Lines that no log took, since the start. */
  droppedLines(): number
  /** Reopens the log files after a rotation. */
  reopenLogs(): Promise<void>
  /** From now on they say nothing by themselves. */
  [Symbol.dispose](): void
  /** Writes what is still to be written. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface ObserversOptions {
  readonly inForce: () => Config
  readonly history: ConfiguredHistory
  readonly current: () => Verdict
  /** What the metrics tell of, beside the verdict. */
  readonly state: () => Omit<ReturnType<MetricsOptions['state']>, 'verdict' | 'isRequired' | 'release'>
  /** Whether a balancer should probe this host. */
  readonly expectsProbes: () => boolean
  readonly release: () => string | undefined
  readonly random: () => number
  /** Keeps what breaks here from the rest. */
  readonly guard: Guard
  readonly logger: OpenLogger
}

/** Where the logs go, and what they show, takes a restart to change: the first configuration says it. */
export const createObservers = ({ log, app }: Config, options: ObserversOptions): Observers => {
  const { inForce, history, current, state, expectsProbes, release, random, guard, logger } = options
  const clock = guard.clockOf('what watches the daemon')
  const isRequired = (name: string): boolean =>
    inForce().checks.find(check => check.name === name)?.required !== false
  const probeLog = createProbeLog(log.probes, { logger, clock, app, release })
  const droppedLines = (): number => logger.dropped() + probeLog.dropped()
  const metrics = createMetrics({
    clock,
    state: () => ({ ...state(), verdict: current(), isRequired, release: release() }),
    droppedLines,
    logger,
  })
  const embeddedMetrics = logEmbeddedMetrics({
    service: () => (inForce().log.emf === true ? (inForce().app ?? true) : inForce().log.emf),
    current,
    isRequired,
    dropped: droppedLines,
    random,
    clock,
    logger,
  })
  const probes = followProbes({
    limits: () => ({
      path: inForce().path,
      deadlineMs: inForce().deadline,
      drainWaitMs: inForce().drain.wait,
      expectsProbes: expectsProbes(),
    }),
    probeLog: metrics.counting(history.counting(probeLog)),
    clock,
    logger,
  })
  return {
    metrics,
    probes,
    listeners({ checks }) {
      const timeouts = new Map(checks.map(({ name, timeout }) => [name, timeout]))
      return [
        logMonitor({ logger, clock, timeoutMsOf: name => timeouts.get(name) ?? 0 }),
        history.listener,
        metrics.listener,
        embeddedMetrics.listener,
      ]
    },
    ofProbes: {
      onProbe: guard.of('what watches the probes', embeddedMetrics.counting(probes.onProbe)),
      onRefused: guard.of('what watches the probes', probes.onRefused),
      onGaveUp: guard.of('what watches the probes', probes.onGaveUp),
    },
    droppedLines,
    reopenLogs: async () => void (await Promise.all([logger.reopen(), probeLog.reopen()])),
    [Symbol.dispose]() {
      probes[Symbol.dispose]()
      embeddedMetrics[Symbol.dispose]()
    },
    async [Symbol.asyncDispose]() {
      await history[Symbol.asyncDispose]()
      await probeLog[Symbol.asyncDispose]()
    },
  }
}
