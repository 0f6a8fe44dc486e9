/** How often the rounds that are asked for may have been doubled, as a multiple of `startup.healthy_threshold`. */
const RELAPSE_BOUND = 4

/** Never passed yet: strict. Counts the rounds that have passed in a row, and how many are asked for. */
export interface Starting {
  readonly phase: 'starting'
  readonly rounds: number
  readonly needed: number
}

/** Has passed: an `unknown` holds. `since` is monotonic milliseconds. */
export interface Serving {
  readonly phase: 'serving'
  readonly since: number
}

/** A host taken out on purpose. `until` is monotonic milliseconds; without it, for good. */
export interface Drain {
  readonly reason: string
  readonly until?: number
}

/** Where a host is in its life. A drain lies over the phase and leaves it as it is. */
export type Lifecycle = (Starting | Serving) & { readonly drain?: Drain }

export type Phase = 'starting' | 'serving' | 'draining'

export const starting = (healthyThreshold: number): Starting => ({
  phase: 'starting',
  rounds: 0,
  needed: healthyThreshold,
})

export const activeDrain = ({ drain }: Lifecycle, now: number): Drain | undefined =>
  drain && (drain.until === undefined || now < drain.until) ? drain : undefined

export const phaseAt = (life: Lifecycle, now: number): Phase =>
  activeDrain(life, now) ? 'draining' : life.phase

/**
 * What a round (every check asked afresh) means for a host that is starting. A relapse after a passing round
 * doubles the rounds asked for, to a bound: what flaps while it boots is not let in by the luck of one good spell.
 */
export const afterRound = (
  life: Lifecycle,
  round: { readonly passed: boolean; readonly healthyThreshold: number; readonly now: number },
): Lifecycle => {
  if (life.phase === 'serving') return life
  const drain = life.drain && { drain: life.drain }
  if (!round.passed) {
    const relapsed = life.rounds > 0
    const needed = Math.min(relapsed ? life.needed * 2 : life.needed, round.healthyThreshold * RELAPSE_BOUND)
    return { phase: 'starting', rounds: 0, needed, ...drain }
  }
  const rounds = life.rounds + 1
  return rounds >= life.needed
    ? { phase: 'serving', since: round.now, ...drain }
    : { phase: 'starting', rounds, needed: life.needed, ...drain }
}
