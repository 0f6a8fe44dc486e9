import type { CheckPolicy } from '../core/check-state.ts'
import type { Policy } from '../core/verdict.ts'
import { formatDuration } from '../config/units.ts'
import type { CheckSummary, Configured, PolicySummary } from '../history/record.ts'
import { RUNS_KEPT } from '../history/run-log.ts'

/** The other configuration, as far as a replay goes. */
export interface OtherConfiguration {
  readonly checks: readonly CheckSummary[]
  readonly summary: PolicySummary
  /** `spread`: where in the spread of its `hold` the recorded daemon is, from 0 to 1. */
  readonly policyWith: (options: { readonly spread: number }) => Policy
}

/** How a check of the other configuration is seen in the records. */
export interface Sight {
  readonly check: CheckSummary
  /** The check of that name that was recorded. */
  readonly recorded?: CheckSummary
  /** A sentence: why no record tells what it would have found. Absent if they do. */
  readonly unseen?: string
  /** Whether a failure depends on the same checks as in the records: those were rechecked when it failed. */
  readonly hasSameDependencies: boolean
}

/** What the other configuration sees of all that one recorded configuration found. */
export interface View {
  /** The other configuration's, but its checks run when the recorded ones ran. */
  readonly policy: Policy
  readonly sights: ReadonlyMap<string, Sight>
  /** Sentences: what the records cannot tell at any time. Answers that seem the same may not be. */
  readonly limits: readonly string[]
  /** Whether it asks the peers that the recorded one asked. */
  readonly hasSamePeers: boolean
  readonly asksPeers: boolean
}

const unseenOf = (
  check: CheckSummary,
  recorded: CheckSummary | undefined,
  renamed: string[],
): string | undefined => {
  if (!recorded) {
    const hint =
      renamed.length > 0 ? `; if it is ${renamed.join(' or ')} under another name, keep the name` : ''
    return `no check ${check.name} was there when this was recorded${hint}`
  }
  return recorded.type === check.type && recorded.asks === check.asks
    ? undefined
    : `${check.name} asks something else than the check of that name did when this was recorded`
}

/** A dependency that is shared excuses more. */
const dependenciesOf = (check: CheckSummary, all: ReadonlyMap<string, CheckSummary>): string =>
  JSON.stringify(check.dependsOn.map(name => [name, all.get(name)?.shared]))

const timing = [
  ['interval', 'intervalMs'],
  ['fresh_for', 'freshForMs'],
  ['timeout', 'timeoutMs'],
] as const

const timingLimits = (check: CheckSummary, recorded: CheckSummary): string[] =>
  timing
    .filter(([, key]) => check[key] !== recorded[key])
    .map(
      ([word, key]) =>
        `${check.name}: ${word} was ${formatDuration(recorded[key])}, not ${formatDuration(check[key])}; what it would have found at other moments is unknown, and it is taken to have found the same`,
    )

const thresholdLimits = (check: CheckSummary): string[] =>
  [check.healthyThreshold, check.unhealthyThreshold].some(threshold => threshold > RUNS_KEPT)
    ? [`${check.name}: a record counts ${RUNS_KEPT} runs in a row, and its threshold is higher`]
    : []

/** Undefined if the records do not say how they were configured. */
export const viewOf = (
  other: OtherConfiguration,
  { checks, policy: summary }: Configured,
): View | undefined => {
  if (!checks || !summary) return undefined
  const before = new Map(checks.map(check => [check.name, check]))
  const after = new Map(other.checks.map(check => [check.name, check]))
  const sights = other.checks.map((check): Sight => {
    const recorded = before.get(check.name)
    const renamed = checks
      .filter(one => one.type === check.type && !after.has(one.name))
      .map(({ name }) => name)
    const unseen = unseenOf(check, recorded, renamed)
    const hasSameDependencies =
      recorded !== undefined && dependenciesOf(recorded, before) === dependenciesOf(check, after)
    return {
      check,
      ...(recorded && { recorded }),
      ...(unseen !== undefined && { unseen }),
      hasSameDependencies,
    }
  })
  const policy = other.policyWith(summary)
  const asRun = (check: CheckPolicy): CheckPolicy => {
    const { intervalMs, freshForMs, timeoutMs } = before.get(check.name) ?? check
    return { ...check, intervalMs, freshForMs, timeoutMs }
  }
  return {
    policy: { ...policy, checks: policy.checks.map(asRun) },
    sights: new Map(sights.map(sight => [sight.check.name, sight])),
    limits: sights.flatMap(({ check, recorded, unseen }) => [
      ...(recorded && unseen === undefined ? timingLimits(check, recorded) : []),
      ...(unseen === undefined ? thresholdLimits(check) : []),
    ]),
    hasSamePeers: other.summary.peers === summary.peers,
    asksPeers: other.summary.peers !== undefined,
  }
}
