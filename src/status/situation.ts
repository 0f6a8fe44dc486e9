import { unknownSince } from '../core/check-state.ts'
import type { HostState } from '../core/host-state.ts'
import type { Policy } from '../core/verdict.ts'

/** For how long an unknown has held the last known state, and may hold it. Monotonic milliseconds. */
export interface Hold {
  readonly since: number
  /** absent if it holds for as long as the unknown lasts */
  readonly until?: number
}

/** What a verdict does not tell: how far the start has come, and for how long each unknown may hold. */
export interface Situation {
  /** While starting: rounds that passed in a row, and how many are needed. */
  readonly startup?: { readonly rounds: number; readonly needed: number }
  /** By the name of the check. */
  readonly holds: ReadonlyMap<string, Hold>
}

/** Pure. `now` is monotonic milliseconds. */
export const situationOf = ({ life, states }: HostState, policy: Policy, now: number): Situation => {
  if (life.phase === 'starting')
    return { startup: { rounds: life.rounds, needed: life.needed }, holds: new Map() }
  const holds = policy.checks.flatMap((check): readonly [string, Hold][] => {
    const state = states.find(({ name }) => name === check.name)
    const since = state && unknownSince(state, check, now)
    if (since === undefined) return []
    const until = since + policy.holdMs
    return [[check.name, { since, ...(Number.isFinite(until) && { until }) }]]
  })
  return { holds: new Map(holds) }
}
