import { isDeepStrictEqual } from 'node:util'
import { policyOf } from './config/config.ts'
import type { Config } from './config/config.ts'
import { createConfiguredMonitor } from './configured-monitor.ts'
import type { ConfiguredMonitor, ConfiguredMonitorOptions } from './configured-monitor.ts'
import { underNewPolicy } from './core/host-state.ts'
import type { HostState } from './core/host-state.ts'
import type { Policy } from './core/verdict.ts'
import type { MonitorListener } from './monitor/monitor-listener.ts'

/** The configuration in force, and the monitor that runs its checks. A reload replaces both. */
export interface InForce extends ConfiguredMonitor {
  readonly config: Config
  readonly policy: Policy
  /**
   * Puts another configuration in force at once, with what is still known of the host. Its monitor has not been started.
   * Returns the monitor before, which is to be disposed.
   */
  replace(next: Config): AsyncDisposable
}

export interface InForceOptions extends Pick<
  ConfiguredMonitorOptions,
  'clock' | 'random' | 'release' | 'metadata' | 'listenerBroke'
> {
  /** What is known already: of a release that has passed on this boot. */
  readonly host: HostState | undefined
  /** Where in the spread of its `hold` this daemon is, from 0 to 1. */
  readonly spread: number
  /** Who is told of what happens under a configuration, in this order. */
  readonly listeners: (config: Config) => readonly MonitorListener[]
}

const checkOf = ({ checks }: Config, name: string) => checks.find(check => check.name === name)

export const createInForce = (first: Config, options: InForceOptions): InForce => {
  const { spread, listeners, host: known, ...shared } = options

  const under = (config: Config, hostUnder: (policy: Policy) => HostState | undefined) => {
    const policy = policyOf(config, { spread })
    const host = hostUnder(policy)
    const rest = { policy, listeners: listeners(config), ...(host && { host }) }
    return { config, policy, configured: createConfiguredMonitor(config, { ...shared, ...rest }) }
  }

  let current = under(first, () => known)
  return {
    get config() {
      return current.config
    },
    get policy() {
      return current.policy
    },
    get monitor() {
      return current.configured.monitor
    },
    startUp: () => current.configured.startUp(),
    document: (verdict, more) => current.configured.document(verdict, more),
    replace(next) {
      const { config, policy: before, configured } = current
      current = under(next, policy =>
        underNewPolicy(configured.monitor.host, policy, {
          before,
          isUnchanged: name => isDeepStrictEqual(checkOf(config, name), checkOf(next, name)),
          now: shared.clock.now(),
        }),
      )
      return configured
    },
    [Symbol.asyncDispose]: () => current.configured[Symbol.asyncDispose](),
  }
}
