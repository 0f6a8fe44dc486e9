import type { HealthCheck } from '../../support/load-balancer-rules.ts'
import { createRandom } from '../../support/random.ts'
import { alwaysWarm } from '../models/app-spec.ts'
import type { AppSpec } from '../models/app-spec.ts'
import { Fleet } from '../models/fleet.ts'
import type { FleetListener } from '../models/fleet.ts'
import type { Policy } from '../policies/policy.ts'
import { Simulation } from '../simulation.ts'
import type { Result } from './gauntlet-table.ts'
import type { BenignFault, BrokenRelease, OwnFault, Scenario, Stage } from './scenario.ts'

// As in test/gauntlet/fleet.ts, run-broken-release.ts and run-own-fault.ts; seconds.
const PAUSE_BEFORE_FAULT = 20
const TAIL = 40
const WATCH = 150
const NOTICE = 60
const EXTRA = 25
const GROUP_LOOK_MS = 5000
const BOOT_MS = 60_000

const check = (
  kind: HealthCheck['kind'],
  [interval, timeout]: readonly [number, number],
  [healthyThreshold, unhealthyThreshold]: readonly [number, number],
): HealthCheck => ({
  kind,
  path: '/health',
  intervalMs: interval * 1000,
  timeoutMs: timeout * 1000,
  healthyThreshold,
  unhealthyThreshold,
})

/** As in test/gauntlet/stage.ts. */
const presets = {
  harshest: [check('application', [6, 5], [2, 2]), check('classic', [6, 5], [2, 2])],
  usual: [check('application', [30, 5], [5, 2]), check('classic', [15, 5], [2, 10])],
} as const

/** Every probe of an Application Load Balancer counts as the first one. */
const alwaysNew = [check('application', [6, 5], [1, 2]), check('classic', [6, 5], [2, 2])] as const

const appOf = ({ isStatic, logsIn }: NonNullable<Scenario['app']> = {}): AppSpec => ({
  workers: 2,
  serviceMs: 100,
  backlog: 2048,
  usesDatabase: !isStatic,
  keepsConnections: !logsIn,
  databaseTimeoutMs: 5000,
  workerTimeoutMs: 30_000,
  clientTimeoutMs: 600_000,
  retries: 0,
  warmUp: alwaysWarm,
})

const nobody: FleetListener = {
  healthChanged() {},
  terminated() {},
  launched() {},
  shareChanged() {},
  tell() {},
}

interface Options {
  readonly policy: Policy
  readonly seed: number
}

const stageOf = (
  { kind, app }: Scenario,
  {
    policy,
    seed,
    balancer,
    hosts,
    listener = {},
  }: Options & {
    readonly balancer: HealthCheck
    readonly hosts: number
    readonly listener?: Partial<FleetListener>
  },
): Stage => {
  const simulation = new Simulation()
  const random = createRandom(seed)
  const spec = appOf(app)
  const fleet = new Fleet({
    spec: {
      hosts,
      nodes: 1,
      check: balancer,
      app: spec,
      // only an overload has users: then as many as the workers can serve
      ratePerHost: app?.isOverloaded ? (spec.workers * 1000) / spec.serviceMs : 0,
      // a broken release is only watched: no group replaces its host
      group: { checkIntervalMs: kind === 'broken' ? Infinity : GROUP_LOOK_MS, gracePeriodMs: 0 },
      bootMs: BOOT_MS,
    },
    policy,
    simulation,
    random,
    listener: { ...nobody, ...listener },
  })
  return {
    fleet,
    hosts: fleet.hosts,
    wait: seconds => simulation.run(simulation.now() + seconds * 1000),
    after: (seconds, callback) => void simulation.after(seconds * 1000, callback),
  }
}

const runBroken = async (scenario: BrokenRelease, options: Options): Promise<Result> => {
  let isAdmitted = false
  for (const balancer of alwaysNew) {
    let mustBeOut = !scenario.inPlace
    const stage = stageOf(scenario, {
      ...options,
      balancer,
      hosts: scenario.inPlace ? 1 : 0,
      listener: {
        healthChanged: ({ health }) => {
          if (mustBeOut && health === 'healthy') isAdmitted = true
        },
      },
    })
    const { fleet, wait } = stage
    if (scenario.inPlace) {
      await wait(PAUSE_BEFORE_FAULT)
      const [host] = stage.hosts
      scenario.breaks(host!, stage)
      await wait(NOTICE)
      mustBeOut = true
      if (fleet.isInService(host!)) isAdmitted = true
    } else {
      fleet.launch(host => scenario.breaks(host, stage))
    }
    await wait((scenario.watchSeconds ?? WATCH) + BOOT_MS / 1000)
  }
  return { verdict: isAdmitted ? 'admitted' : 'kept out' }
}

const runBenign = async (scenario: BenignFault, options: Options): Promise<Result> => {
  let killed = 0
  for (const balancer of presets[scenario.preset ?? 'harshest']) {
    const stage = stageOf(scenario, {
      ...options,
      balancer,
      hosts: scenario.hosts ?? 2,
      listener: { terminated: () => void (killed += 1) },
    })
    await stage.wait(PAUSE_BEFORE_FAULT)
    await scenario.happens(stage)
    await stage.wait(TAIL)
  }
  return { verdict: killed > 0 ? 'killed' : 'none killed' }
}

const runOwn = async (scenario: OwnFault, options: Options): Promise<Result> => {
  const outSeconds: number[][] = []
  for (const balancer of presets.harshest) {
    let brokenAt = Infinity
    const outAt = new Map<string, number>()
    const stage = stageOf(scenario, {
      ...options,
      balancer,
      hosts: 3,
      listener: {
        healthChanged: ({ target, failingSince }) => {
          if (failingSince !== undefined && !outAt.has(target.host))
            outAt.set(target.host, Math.max(failingSince - brokenAt, 0) / 1000)
        },
      },
    })
    const { hosts, wait } = stage
    await wait(PAUSE_BEFORE_FAULT)
    brokenAt = hosts[0]!.clock.now()
    const hit = hosts.slice(0, scenario.hits)
    for (const host of hit) scenario.breaks(host, stage)
    await wait(scenario.withinSeconds + EXTRA)
    outSeconds.push(hit.map(({ host }) => outAt.get(host) ?? Infinity))
  }
  // of the two balancers, the first to take a host out
  const [application = [], classic = []] = outSeconds
  const seconds = application
    .map((each, i) => Math.min(each, classic[i] ?? Infinity))
    .toSorted((a, b) => a - b)
  const isFound = seconds.every(each => each <= scenario.withinSeconds)
  return isFound ? { verdict: 'found', seconds: seconds[seconds.length >> 1]! } : { verdict: 'kept' }
}

/** Simulates a scenario under a policy, behind the balancers that the gauntlet emulates. */
export const runScenario = (scenario: Scenario, options: Options): Promise<Result> => {
  switch (scenario.kind) {
    case 'broken':
      return runBroken(scenario, options)
    case 'benign':
      return runBenign(scenario, options)
    case 'own':
      return runOwn(scenario, options)
  }
}
