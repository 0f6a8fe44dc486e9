/** What a peer's public `/health` answered: its verdict, or `silent` for anything else. */
export type PeerAnswer = 'pass' | 'warn' | 'fail' | 'silent'

/** One question to some of the peers. */
export interface PeerSweep {
  /** How many peers there are, this host not counted. */
  readonly known: number
  /**
   * Not one of them has ever answered. That is a fault of the set-up, such as a firewall between the hosts, and no outage:
   * there is nobody to ask.
   */
  readonly neverAnswered?: true
  /** By the peer's address. */
  readonly answers: readonly { readonly peer: string; readonly answer: PeerAnswer }[]
  /** Monotonic milliseconds. */
  readonly at: number
}

/** What the peers have said while this host has its doubts. */
export interface PeerView {
  readonly last: PeerSweep
  /** The time from the sweep before to the last one, in milliseconds; 0 if there was none. */
  readonly gapMs: number
  /** Sweeps running in which every peer that was asked passed. */
  readonly passing: number
  /** Sweeps running in which there was nobody to ask: no peer, or none that has ever answered. */
  readonly lonely: number
  /**
   * Checks that made no progress while the peers passed, or while there was nobody to ask. That is proof until there is
   * progress, whatever peers say later: if this host leaves, its load may be what troubles them, or they may be starting
   * to take its place.
   */
  readonly proved: readonly string[]
}

/** So many sweeps running must agree. */
const SWEEPS_NEEDED = 2
/** At least so many peers must be asked, if there are so many. */
const PEERS_NEEDED = 2
/** A view counts for so long after its last sweep, and for at least so many gaps between sweeps: they may be minutes apart. */
const VIEW_EXPIRES_MS = 60_000
const VIEW_EXPIRES_GAPS = 2

/** A peer that holds (`warn`), fails or is silent is no witness that this host is alone. */
const allPass = ({ known, answers }: PeerSweep): boolean =>
  answers.length >= Math.min(PEERS_NEEDED, Math.max(known, 1)) &&
  answers.every(({ answer }) => answer === 'pass')

const agree = (sweeps: number): boolean => sweeps >= SWEEPS_NEEDED

/** Whether a lack of progress is proof after a sweep. */
const provesSilence = ({ passing, lonely }: Pick<PeerView, 'passing' | 'lonely'>): boolean =>
  agree(passing) || agree(lonely)

/**
 * The view after the one before, with these counts. `stuck`: the checks whose standing failure rests on a lack of
 * progress alone.
 */
export const nextView = (
  before: PeerView | undefined,
  next: Omit<PeerView, 'proved' | 'gapMs'>,
  stuck: readonly string[],
): PeerView => ({
  ...next,
  gapMs: before ? next.last.at - before.last.at : 0,
  proved:
    provesSilence(next) || (before && provesSilence(before))
      ? stuck
      : stuck.filter(name => before?.proved.includes(name)),
})

/** The view after a sweep. `stuck`: the checks whose standing failure rests on a lack of progress alone. */
export const afterSweep = (
  view: PeerView | undefined,
  sweep: PeerSweep,
  stuck: readonly string[] = [],
): PeerView =>
  nextView(
    view,
    {
      last: sweep,
      passing: allPass(sweep) ? (view?.passing ?? 0) + 1 : 0,
      lonely: sweep.known === 0 || sweep.neverAnswered ? (view?.lonely ?? 0) + 1 : 0,
    },
    stuck,
  )

/**
 * The view of a host that has not asked its peers yet. The lack of progress of these checks is proof already. `now` is
 * monotonic milliseconds.
 */
export const provedUnasked = (proved: readonly string[], now: number): PeerView => ({
  last: { known: 0, answers: [], at: now },
  gapMs: 0,
  passing: 0,
  lonely: 0,
  proved,
})

/** Whether the trouble is this host's own: its peers do not see it. `now` is monotonic milliseconds. */
export const isAlone = (view: PeerView | undefined, now: number): view is PeerView =>
  view !== undefined &&
  agree(view.passing) &&
  now - view.last.at <= Math.max(VIEW_EXPIRES_MS, VIEW_EXPIRES_GAPS * view.gapMs)

/**
 * Whether a check's lack of progress may be everybody's: the peers are not known to be well. With nobody to ask, it is
 * this host's own.
 */
export const mayBeShared = (view: PeerView | undefined, name: string, now: number): boolean => {
  if (!view) return true
  return !agree(view.lonely) && !view.proved.includes(name) && !isAlone(view, now)
}
