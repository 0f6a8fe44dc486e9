import { createChecks } from '../../src/checks/create-checks.ts'
import { policyOf } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createInstanceMetadata, metadataEndpoint } from '../../src/connect/instance-metadata.ts'
import type { Check } from '../../src/core/check.ts'
import { proven } from '../../src/core/host-state.ts'
import { publicStatus } from '../../src/core/public-status.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { createDatabases } from '../../src/postgres/databases.ts'
import { afterProbe, registered } from '../support/load-balancer-rules.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { shallow, strict } from './baselines.ts'
import { createDrivenClock } from './driven-clock.ts'
import { join } from 'node:path'
import type { Row, Surroundings, Toll } from './fleet.ts'
import { systems } from './host.ts'
import type { Host, System } from './host.ts'
import { duration } from './nominal-time.ts'
import { createStage, presets } from './stage.ts'

const MINUTE_MS = 60_000
const DEADLINE_MS = 4000
const [balancer] = presets.harshest

/** The checks of a host look once a minute, so that hours go by in seconds. The durations are not scaled. */
const onceAMinute = (text: string): string =>
  text
    .replaceAll(/interval: \w+/g, 'interval: 60s')
    .replaceAll(/fresh_for: \w+/g, 'fresh_for: 50s')
    .replaceAll(`timeout: ${duration(2)}`, 'timeout: 2s')
    .replace(/^hold: .*$/m, 'hold: 15m')

/** The program's monitor and its checks, driven by a clock of the scenario. */
const startMonitor = async (
  host: Host,
  { clock, track }: { readonly clock: ManualClock; readonly track: (check: Check) => Check },
) => {
  const config = await loadConfig(join(host.directory, 'health-sidecar.yaml'), {})
  const databases = createDatabases()
  const metadata = createInstanceMetadata(metadataEndpoint({}))
  const checks = createChecks(config.checks, { databases, metadata })
  const monitor = new Monitor({
    policy: policyOf(config),
    checks: new Map(Array.from(checks, ([name, check]) => [name, track(check)])),
    deadlineMs: DEADLINE_MS,
    clock,
    random: Math.random,
    host: proven(clock.now()),
  })
  monitor.start()
  return {
    async ask(): Promise<boolean> {
      const verdict = monitor.verdict()
      await clock.advance(DEADLINE_MS)
      return publicStatus(await verdict) !== 'fail'
    },
    async [Symbol.asyncDispose]() {
      await monitor[Symbol.asyncDispose]()
      await Promise.all(Array.from(checks.values(), check => check[Symbol.asyncDispose]()))
      await databases[Symbol.asyncDispose]()
    },
  }
}

/** One system's word for a host, and what a balancer makes of it. */
const watch = (ask: () => Promise<boolean>) => {
  let state = { ...registered, health: 'healthy' as const } as typeof registered
  let [probes, failed, isKilled] = [0, 0, false]
  return {
    async probe(): Promise<void> {
      if (isKilled) return
      const passed = await ask()
      probes += 1
      failed += passed ? 0 : 1
      state = afterProbe(state, passed, balancer)
      isKilled = state.health === 'unhealthy'
    },
    toll: () => ({ probes, failed, isKilled }),
  }
}

/**
 * An outage of hours in seconds: the program's monitor and checks run in this process, on a clock that stands still while
 * a check really runs. The app, its socket and Postgres are real. Two probes in a row that fail, a minute apart, kill.
 */
export const runDrivenOutage = async (
  { name, minutes }: { readonly name: string; readonly minutes: number },
  { nextNumber, postgres }: Surroundings,
): Promise<Row<Toll>> => {
  await using ending = new AsyncDisposableStack()
  await using stage = await createStage({
    number: nextNumber(),
    postgres,
    hosts: 2,
    host: { config: onceAMinute },
  })
  const { hosts, database } = stage
  let running = 0
  const clock = createDrivenClock(() => running > 0)
  const track = (check: Check): Check => ({
    async run(signal, request) {
      running += 1
      try {
        return await check.run(signal, request)
      } finally {
        running -= 1
      }
    },
    async [Symbol.asyncDispose]() {},
  })
  const since = performance.now()
  const watches = new Map<System, ReturnType<typeof watch>[]>(systems.map(system => [system, []]))
  for (const host of hosts) {
    await host.startApp()
    const monitor = ending.use(await startMonitor(host, { clock, track }))
    const demanding = ending.use(await strict(join(host.directory, 'health-sidecar.yaml')))
    const undemanding = shallow(host.app.path)
    watches.get('sidecar')?.push(watch(() => monitor.ask()))
    watches.get('strict')?.push(watch(() => demanding.ask()))
    watches.get('shallow')?.push(watch(() => undemanding.ask()))
  }
  const all = [...watches.values()].flat()
  const probeFor = async (count: number): Promise<void> => {
    for (let minute = 0; minute < count; minute += 1) {
      await clock.advance(MINUTE_MS)
      for (const each of all) await each.probe()
    }
  }
  await probeFor(10)
  database.proxy.refuse()
  await probeFor(minutes)
  await database.proxy.accept()
  await probeFor(10)

  const tollOf = (system: System): Toll => {
    const tolls = (watches.get(system) ?? []).map(each => each.toll())
    return {
      hosts: hosts.length,
      killed: tolls.filter(({ isKilled }) => isKilled).length,
      probes: tolls.reduce((sum, { probes }) => sum + probes, 0),
      failedProbes: tolls.reduce((sum, { failed }) => sum + failed, 0),
    }
  }
  const outcomes = { sidecar: tollOf('sidecar'), strict: tollOf('strict'), shallow: tollOf('shallow') }
  return { name, outcomes, since, log: [] }
}
