import type { SmokeClock } from './clock.ts'
import type { StatsReport } from './uwsgi-stats.ts'

/** What is known now about the progress of the app. */
export interface ProgressSeen {
  /** Whether an answer as expected has come within `patience`, or the check has not run for that long yet. */
  readonly isRecent: boolean
  /** When the last answer as expected came; undefined if none has. */
  readonly answeredAgoMs: number | undefined
  /** How long the last late answer took; undefined if none has come within `patience`. */
  readonly answeredAfterMs: number | undefined
  /** What the app's own statistics say, if they are configured. */
  readonly stats: StatsReport | undefined
}

/**
 * Tells a busy app from a stuck one. An app that answers some request as expected makes progress, however late the answer
 * comes. Until the check has run for `patienceMs`, nothing shows that there is no progress.
 */
export interface AppProgress {
  /** An answer as expected has arrived. */
  answered(answer: { readonly afterMs: number; readonly isLate: boolean }): void
  /** The app's own statistics have arrived; undefined if they cannot be read. */
  reported(stats: StatsReport | undefined): void
  look(): ProgressSeen
}

export const createAppProgress = ({
  clock,
  patienceMs,
}: {
  readonly clock: SmokeClock
  readonly patienceMs: number
}): AppProgress => {
  const createdAt = clock.now()
  let answeredAt: number | undefined
  let late: { readonly at: number; readonly afterMs: number } | undefined
  let stats: StatsReport | undefined

  const isRecent = (at: number) => clock.now() - at < patienceMs

  return {
    answered: ({ afterMs, isLate }) => {
      answeredAt = clock.now()
      if (isLate) late = { at: answeredAt, afterMs }
    },
    reported: report => void (stats = report),
    look: () => ({
      isRecent: isRecent(answeredAt ?? createdAt) && !isStuck(stats, patienceMs),
      answeredAgoMs: answeredAt === undefined ? undefined : clock.now() - answeredAt,
      answeredAfterMs: late && isRecent(late.at) ? late.afterMs : undefined,
      stats,
    }),
  }
}

/** No worker is free, and none has completed a request for half of the patience. */
const isStuck = (stats: StatsReport | undefined, patienceMs: number): boolean =>
  stats !== undefined &&
  stats.workers > 0 &&
  stats.workersBusy === stats.workers &&
  stats.idleForMs >= patienceMs / 2
