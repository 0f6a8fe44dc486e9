import { componentTypeOf, createChecks } from './checks/create-checks.ts'
import type { Config } from './config/config.ts'
import type { InstanceMetadata } from './connect/instance-metadata.ts'
import type { FollowedRelease } from './host/release.ts'
import type { HostState } from './core/host-state.ts'
import type { Lifecycle } from './core/lifecycle.ts'
import type { Policy, Verdict } from './core/verdict.ts'
import { boundedDocument } from './status/bounded-document.ts'
import { statusDocument } from './status/status-document.ts'
import type { StatusContext, StatusDocument } from './status/status-document.ts'
import { dateAt } from './monitor/clock.ts'
import type { Clock } from './monitor/clock.ts'
import { Monitor } from './monitor/monitor.ts'
import type { MonitorListener } from './monitor/monitor-listener.ts'
import { createDatabases } from './postgres/databases.ts'

/** A monitor with everything that it asks, and how to tell of it. */
export interface ConfiguredMonitor extends AsyncDisposable {
  readonly monitor: Monitor
  /** While starting: how far it has come. */
  readonly startUp: () => StatusContext['startup']
  readonly document: (verdict: Verdict, more?: Partial<StatusContext>) => StatusDocument
}

export interface ConfiguredMonitorOptions {
  /** The rules of the verdict, for all or some of the configuration's checks. */
  readonly policy: Policy
  readonly clock: Clock
  readonly random: () => number
  readonly release: FollowedRelease
  readonly metadata: InstanceMetadata
  readonly listeners?: readonly MonitorListener[]
  readonly listenerBroke?: (error: unknown) => void
  /** What is known already: of a release that has passed on this boot, or under the configuration before this one. */
  readonly host?: HostState
}

const startUpOf = (life: Lifecycle): StatusContext['startup'] =>
  life.phase === 'starting' ? { rounds: life.rounds, needed: life.needed } : undefined

/** Wires the checks of a configuration to a monitor that has not been started. */
export const createConfiguredMonitor = (
  config: Config,
  options: ConfiguredMonitorOptions,
): ConfiguredMonitor => {
  const { release, clock, metadata, host } = options
  const databases = createDatabases()
  const asked = new Set(options.policy.checks.map(({ name }) => name))
  const configs = config.checks.filter(({ name }) => asked.has(name))
  const checks = createChecks(
    configs,
    { databases, metadata, release: release.current, hasServed: host?.life.phase === 'serving' },
    new Map(host?.states.map(state => [state.name, state.silentForMs])),
  )
  const monitor = new Monitor({ ...options, checks, deadlineMs: config.deadline, obstacle: release.problem })
  const types = new Map(configs.map(check => [check.name, componentTypeOf(check)]))
  return {
    monitor,
    startUp: () => startUpOf(monitor.host.life),
    document: (verdict, more) =>
      boundedDocument(
        statusDocument(verdict, {
          app: config.app,
          release: release.current(),
          notes: config.warnings,
          startup: startUpOf(monitor.host.life),
          componentTypeOf: name => types.get(name) ?? 'component',
          tookMsOf: name => monitor.tookMs(name),
          dateOf: at => dateAt(clock, at),
          ...more,
        }),
      ),
    async [Symbol.asyncDispose]() {
      await monitor[Symbol.asyncDispose]()
      await Promise.all(Array.from(checks.values(), check => check[Symbol.asyncDispose]()))
      await databases[Symbol.asyncDispose]()
    },
  }
}
