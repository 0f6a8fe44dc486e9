import { unasked } from './check-state.ts'
import type { CheckState } from './check-state.ts'
import { starting } from './lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'
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
 * Of a check that is configured otherwise than before, findings count no more; that it was failing does, until it passes.
 */
export const underNewPolicy = (
  { life, states }: HostState,
  policy: Policy,
  change: {
    /** Whether a check, by its name, is configured as it was. */
    readonly isUnchanged: (name: string) => boolean
    /** monotonic milliseconds */
    readonly now: number
  },
): HostState => {
  const { life: begun } = life.phase === 'serving' ? proven(change.now) : unproven(policy)
  const names = new Set(policy.checks.map(({ name }) => name))
  return {
    life: { ...begun, ...(life.drain && { drain: life.drain }) },
    states: states
      .filter(({ name }) => names.has(name))
      .map(state => (change.isUnchanged(state.name) ? state : afresh(state))),
  }
}

const afresh = ({ name, standing }: CheckState): CheckState =>
  standing === 'fail' ? { ...unasked(name), standing } : unasked(name)
