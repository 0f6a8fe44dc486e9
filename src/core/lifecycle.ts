import type { PeerView } from './peers.ts'

/** The rounds needed can double up to this multiple of `startup.healthy_threshold`. */
const RELAPSE_BOUND = 4

/** Has never passed: strict. Counts the rounds that passed in a row, and how many are needed. */
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

/** Where a host is in its life. A drain covers the phase and leaves it as it is. */
export type Lifecycle = (Starting | Serving) & {
  readonly drain?: Drain
  /** What other hosts said while this one held. */
  readonly peers?: PeerView
}

export type Phase = 'starting' | 'serving' | 'draining'

/** A host of which no round has passed. It needs as many as the threshold. */
export const starting = (healthyThreshold: number): Starting => ({
  phase: 'starting',
  rounds: 0,
  needed: healthyThreshold,
})

/** The drain in force; undefined if there is none, or if it has ended. `now` is monotonic milliseconds. */
export const activeDrain = ({ drain }: Lifecycle, now: number): Drain | undefined =>
  drain && (drain.until === undefined || now < drain.until) ? drain : undefined

/** The phase, with a drain in force taken into account. `now` is monotonic milliseconds. */
export const phaseAt = (life: Lifecycle, now: number): Phase =>
  activeDrain(life, now) ? 'draining' : life.phase

/**
 * What a failure means for a host that is starting, in a round or between two. The rounds start over. If some had
 * passed, this is a relapse: it doubles the rounds needed, up to four times `healthyThreshold`. So an app that flaps
 * while it boots is not admitted by one good spell.
 */
export const afterFailure = ({ rounds, needed }: Starting, healthyThreshold: number): Starting => ({
  phase: 'starting',
  rounds: 0,
  needed: Math.min(rounds > 0 ? needed * 2 : needed, healthyThreshold * RELAPSE_BOUND),
})

/** What a round (a run of every check) means for a host that is starting. `now` is monotonic milliseconds. */
export const afterRound = (
  life: Starting,
  round: { readonly passed: boolean; readonly healthyThreshold: number; readonly now: number },
): Starting | Serving => {
  if (!round.passed) return afterFailure(life, round.healthyThreshold)
  const rounds = life.rounds + 1
  return rounds >= life.needed
    ? { phase: 'serving', since: round.now }
    : { phase: 'starting', rounds, needed: life.needed }
}
