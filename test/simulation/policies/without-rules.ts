import type { Config } from '../../../src/config/config.ts'
import { changes } from '../rules/changes.ts'
import { loadProgram } from '../rules/load-program.ts'
import type { RuleChange } from '../rules/load-program.ts'
import { changeChecks } from './our-config.ts'
import { ours } from './ours.ts'
import type { Policy } from './policy.ts'

const MINUTE_MS = 60_000

/** This program with one of its rules switched off. */
export interface WithoutRule {
  readonly name: string
  /** What is different. */
  readonly without: string
  readonly create: (config: Config) => Promise<Policy>
}

/** By configuration, as a user would. */
const configured = (name: string, without: string, change: (config: Config) => Config): WithoutRule => ({
  name,
  without,
  create: async config => ours(name, change(config)),
})

/** By a wrapper around a function of the program: no configuration does it. */
const wrapped = (name: string, without: string, change: RuleChange): WithoutRule => ({
  name,
  without,
  create: async config => ours(name, config, { program: await loadProgram(change) }),
})

const allHold = (limit: number | 'forever') => ({ local: limit, shared: limit, busy: limit })

/** A new process finds nothing that an earlier one has kept. */
const withoutDisk = (policy: Policy): Policy => ({
  ...policy,
  start: (host, how) => policy.start({ ...host, disk: new Map() }, how),
})

export const withoutRules: readonly WithoutRule[] = [
  configured('no-hold', 'an unknown does not hold: it is a failure at once', config => ({
    ...config,
    hold: allHold(0),
  })),
  configured('hold-15m', 'every unknown holds for 15 min, whatever its cause', config => ({
    ...config,
    hold: allHold(15 * MINUTE_MS),
  })),
  configured('no-patience', 'a late answer is a failure, however busy the app is', config =>
    changeChecks(config, { patience: 1 }, 'smoke'),
  ),
  configured('no-attribution', 'no check depends on another', config =>
    changeChecks(config, { depends_on: [] }),
  ),
  wrapped('no-recheck', 'a dependency is not rechecked before a failure counts', changes.noRecheck),
  wrapped(
    'kept-connection',
    'a dependency is rechecked through the connection that is kept, not by a fresh login',
    changes.keptConnection,
  ),
  wrapped('no-aftermath', 'a failure counts as soon as its dependency passes again', changes.aftermath(0)),
  wrapped(
    'no-excuse',
    'an app that is silent since before the recovery is not excused for longer',
    changes.noExcuse,
  ),
  wrapped('no-growth', 'after a slow answer, the next one may take no longer', changes.noGrowth),
  wrapped('close-early', 'a late answer is waited for no longer than for two patiences', changes.closeEarly),
  wrapped('no-slow', 'a slow database does not explain why an app is silent', changes.noSlow),
  configured('one-round', 'one passing round is enough for the first 200', config => ({
    ...config,
    startup: { healthy_threshold: 1 },
  })),
  wrapped('no-relapse', 'a relapse does not double the rounds', changes.noRelapse),
  wrapped('only-rounds', 'nothing is checked between two rounds', changes.onlyRounds),
  wrapped('regular-rounds', 'rounds are at regular distances', changes.regularRounds),
  {
    name: 'no-latch',
    without: 'a sidecar that restarts starts from the beginning',
    create: async config => withoutDisk(ours('no-latch', config)),
  },
  wrapped('never-stale', 'a probe does not rerun what is stale', changes.neverStale),
  wrapped('never-expires', 'the last finding counts, however old it is', changes.neverExpires),
]
