import type { RuleChange } from './load-program.ts'

const dependency = 'core/dependency.ts'
const cadence = 'monitor/cadence.ts'
const attributeFailure = 'monitor/attribute-failure.ts'
const checkState = 'core/check-state.ts'

/** The rules that no configuration changes, each in its wrapper. */
export const changes = {
  /** For so many intervals of the dependency; the program's own is 4. */
  aftermath: (setting: number) => ({ module: dependency, wrapper: 'aftermath.ts', setting }),
  noExcuse: { module: dependency, wrapper: 'no-excuse.ts' },
  noGrowth: { module: 'checks/smoke/app-progress.ts', wrapper: 'no-growth.ts' },
  closeEarly: { module: 'checks/smoke/app-progress.ts', wrapper: 'close-early.ts' },
  noSlow: { module: checkState, wrapper: 'no-slow.ts' },
  /** So many times the program's own. */
  spacing: (setting: number) => ({ module: cadence, wrapper: 'spacing.ts', setting }),
  regularRounds: { module: cadence, wrapper: 'regular-rounds.ts' },
  onlyRounds: { module: cadence, wrapper: 'only-rounds.ts' },
  noRelapse: { module: 'core/lifecycle.ts', wrapper: 'no-relapse.ts' },
  noRecheck: { module: attributeFailure, wrapper: 'no-recheck.ts' },
  keptConnection: { module: attributeFailure, wrapper: 'kept-connection.ts' },
  neverStale: { module: checkState, wrapper: 'never-stale.ts' },
  neverExpires: { module: checkState, wrapper: 'never-expires.ts' },
} as const satisfies Record<string, RuleChange | ((setting: number) => RuleChange)>
