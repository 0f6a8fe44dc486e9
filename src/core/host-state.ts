import { unasked } from './check-state.ts'
import type { CheckPolicy, CheckState } from './check-state.ts'
import { starting } from './lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'
import { decide } from './verdict.ts'
import type { Policy } from './verdict.ts'

/** All that is known of a host. */
export interface HostState {
  readonly life: Lifecycle
  /** A check that is not among them has never been asked. */
  readonly states: readonly CheckState[]
}

/** This release has passed on this boot, and that is all that is known. `now` is monotonic milliseconds. */
export const proven = (now: number): HostState => ({ life: { phase: 'serving', since: now }, states: [] })

/** Nothing is known yet. */
export const unproven = ({ startupHealthyThreshold }: Policy): HostState => ({
  life: starting(startupHealthyThreshold),
  states: [],
})

/**
 * What is still known of a host once another configuration is in force. A host that serves goes on: it has proved itself,
 * and a new question is no proof against it. One that has not yet proved itself has to do so under the new configuration.
 * Of a check that is configured otherwise than before, findings count no more; that it was failing does, until it passes,
 * and so does since when it has been unknown. Where the host was failing, so is every check that is new or has changed:
 * no other name, and no other wording, makes a pass of what has not passed.
 */
export const underNewPolicy = (
  { life: { drain, peers, ...life }, states }: HostState,
  policy: Policy,
  change: {
    /** what was in force */
    readonly before: Policy
    /** Whether a check, by its name, is configured as it was. */
    readonly isUnchanged: (name: string) => boolean
    /** monotonic milliseconds */
    readonly now: number
  },
): HostState => {
  const { before, isUnchanged, now } = change
  const isServing = life.phase === 'serving'
  const { life: begun } = isServing ? proven(now) : unproven(policy)
  const wasFailing =
    isServing && decide(states, before, { ...life, ...(peers && { peers }) }, now).status === 'fail'
  const carried = ({ name }: CheckPolicy): CheckState => {
    const known = states.find(state => state.name === name) ?? unasked(name)
    return isUnchanged(name) ? known : afresh(known, wasFailing)
  }
  return {
    life: { ...begun, ...(drain && { drain }), ...(peers && { peers }) },
    states: policy.checks.map(carried),
  }
}

const afresh = ({ name, standing, unknown }: CheckState, wasFailing: boolean): CheckState => ({
  ...unasked(name),
  ...((wasFailing || standing === 'fail') && { standing: 'fail' }),
  ...(unknown && { unknown }),
})
