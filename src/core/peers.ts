/** What a peer's public `/health` answered: its verdict, or `silent` for anything else. */
export type PeerAnswer = 'pass' | 'warn' | 'fail' | 'silent'

/** One question to some of the peers. */
export interface PeerSweep {
  /** How many peers there are, this host not counted. */
  readonly known: number
  /** By the peer's address. */
  readonly answers: readonly { readonly peer: string; readonly answer: PeerAnswer }[]
  /** Monotonic milliseconds. */
  readonly at: number
}

/** What the peers have said while this host has its doubts. */
export interface PeerView {
  readonly last: PeerSweep
  /** Sweeps running in which every peer that was asked passed. */
  readonly passing: number
}

/** So many sweeps running must agree. */
const SWEEPS_NEEDED = 2
/** At least so many peers must be asked, if there are so many. */
const PEERS_NEEDED = 2
/** A view counts for so long after its last sweep. */
const VIEW_EXPIRES_MS = 60_000

/** A peer that holds (`warn`), fails or is silent is no witness that this host is alone. */
const allPass = ({ known, answers }: PeerSweep): boolean =>
  answers.length >= Math.min(PEERS_NEEDED, Math.max(known, 1)) &&
  answers.every(({ answer }) => answer === 'pass')

export const afterSweep = (view: PeerView | undefined, sweep: PeerSweep): PeerView => ({
  last: sweep,
  passing: allPass(sweep) ? (view?.passing ?? 0) + 1 : 0,
})

/** Whether the trouble is this host's own: its peers do not see it. */
export const isAlone = (view: PeerView | undefined, now: number): view is PeerView =>
  view !== undefined && view.passing >= SWEEPS_NEEDED && now - view.last.at <= VIEW_EXPIRES_MS
