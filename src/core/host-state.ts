import { neverRun } from './check-state.ts'
import type { CheckPolicy, CheckState } from './check-state.ts'
import type { Cause } from './finding.ts'
import { isHeld } from './holds.ts'
import { starting } from './lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'
import { provedUnasked } from './peers.ts'
import { stuckChecks } from './seen-with-peers.ts'
import { decide } from './verdict.ts'
import type { Policy, Verdict } from './verdict.ts'

/** All that is known of a host. */
export interface HostState {
  readonly life: Lifecycle
  /** A check without a state has never run. */
  readonly states: readonly CheckState[]
}

/** A check that counts against a serving host, and whether it does for a lack of progress alone. */
export type Failing = Pick<CheckState, 'name' | 'isStuck'>

/** The checks that count against a serving host. */
const failingNow = ({ checks }: Verdict, states: readonly CheckState[]): Failing[] => {
  const stuck = stuckChecks(states)
  return checks
    .filter(({ effect }) => effect === 'fail')
    .map(({ name }) => ({ name, ...(stuck.includes(name) && { isStuck: true }) }))
}

/** A check that does not count against the host, and for how many milliseconds its app has been silent. */
export interface Silent {
  readonly name: string
  readonly silentForMs: number
}

/** A check that holds, and of whose hold so many milliseconds have passed. */
export interface Held {
  readonly name: string
  readonly cause: Cause
  readonly heldForMs: number
}

/** What a restart of the program must not forget of a serving host. */
export interface Against {
  readonly failing: readonly Failing[]
  /** If each restart began to count from zero, a program that restarts again and again would never find a stuck app. */
  readonly silent: readonly Silent[]
  /** Holds that have an end. If each restart began to count from zero, they would have none. */
  readonly held: readonly Held[]
}

/** The holds that have an end. */
const heldNow = ({ checks }: Verdict, now: number): Held[] =>
  checks.flatMap(({ name, effect, because, hold }) => {
    const heldForMs = hold && Number.isFinite(hold.until) ? Math.round(now - hold.since) : 0
    return hold && heldForMs > 0 && effect === 'warn' && isHeld(because)
      ? [{ name, cause: hold.cause, heldForMs }]
      : []
  })

/** What there is against a serving host now. `now` is monotonic milliseconds. */
export const againstNow = (verdict: Verdict, states: readonly CheckState[], now: number): Against => {
  const failing = failingNow(verdict, states)
  const names = new Set(failing.map(({ name }) => name))
  const silent = states.flatMap(({ name, silentForMs = 0 }) =>
    silentForMs > 0 && !names.has(name) ? [{ name, silentForMs: Math.round(silentForMs) }] : [],
  )
  return { failing, silent, held: heldNow(verdict, now) }
}

/**
 * All that is known: this release has passed on this boot, and this was against it when it was last looked at. What failed
 * stays failing until it passes; an app that was stuck, until there is progress. A hold goes on. `now` is monotonic
 * milliseconds.
 */
export const proven = (
  now: number,
  { failing = [], silent = [], held = [] }: Partial<Against> = {},
): HostState => {
  const stateOf = (name: string): CheckState => {
    const of = <T extends { readonly name: string }>(all: readonly T[]) => all.find(one => one.name === name)
    const failed = of(failing)
    const quiet = of(silent)
    const hold = of(held)
    return {
      ...neverRun(name),
      ...(failed && { standing: 'fail' }),
      ...(failed?.isStuck && { isStuck: true }),
      ...(quiet && { silentForMs: quiet.silentForMs }),
      ...(hold && { unknown: { cause: hold.cause, since: now - hold.heldForMs } }),
    }
  }
  const names = new Set([...failing, ...silent, ...held].map(({ name }) => name))
  const states = [...names].map(stateOf)
  const stuck = stuckChecks(states)
  const peers = stuck.length > 0 && { peers: provedUnasked(stuck, now) }
  return { life: { phase: 'serving', since: now, ...peers }, states }
}

/** Nothing is known yet. */
export const unproven = ({ startupHealthyThreshold }: Policy): HostState => ({
  life: starting(startupHealthyThreshold),
  states: [],
})

/**
 * What is still known of a host once another configuration is in force.
 * - A serving host goes on serving: it has proved itself, and a new check is no proof against it. A host that has not
 *   proved itself must do so under the new configuration.
 * - A changed check loses its findings, but stays failing until it passes, and an `unknown` keeps its start.
 * - If the host was failing, new and changed checks start as failing: renaming cannot turn a failure into a pass.
 * - A lack of progress that was proof without peers stays proof: new peers have not said yet what they see.
 */
export const underNewPolicy = (
  { life: { drain, peers: heard, ...life }, states }: HostState,
  policy: Policy,
  change: {
    /** The policy that was in force. */
    readonly before: Policy
    /** Whether the check of this name is configured as before. */
    readonly isUnchanged: (name: string) => boolean
    /** Monotonic milliseconds. */
    readonly now: number
  },
): HostState => {
  const { before, isUnchanged, now } = change
  const isServing = life.phase === 'serving'
  const { life: begun } = isServing ? proven(now) : unproven(policy)
  const wasFailing =
    isServing && decide(states, before, { ...life, ...(heard && { peers: heard }) }, now).status === 'fail'
  const asksNow = policy.asksPeers === true && before.asksPeers !== true
  const stuck = isServing && asksNow ? stuckChecks(states) : []
  const peers = stuck.length > 0 ? provedUnasked(stuck, now) : heard
  const byName = new Map(states.map(state => [state.name, state]))
  const carried = ({ name }: CheckPolicy): CheckState => {
    const known = byName.get(name) ?? neverRun(name)
    return isUnchanged(name) ? known : withoutFindings(known, wasFailing)
  }
  return {
    life: { ...begun, ...(drain && { drain }), ...(peers && { peers }) },
    states: policy.checks.map(carried),
  }
}

const withoutFindings = (
  { name, standing, isStuck, silentForMs, unknown }: CheckState,
  wasFailing: boolean,
): CheckState => ({
  ...neverRun(name),
  ...((wasFailing || standing === 'fail') && { standing: 'fail' }),
  ...(isStuck && { isStuck }),
  ...(silentForMs !== undefined && { silentForMs }),
  ...(unknown && { unknown }),
})
