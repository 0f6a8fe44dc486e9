import type { SmokeClock } from './clock.ts'
import type { StatsReport } from './uwsgi-stats.ts'

/** What is known now about the progress of the app. */
export interface ProgressSeen {
  /** Whether no request has been without an answer as expected, to it or a later one, for `patience`. */
  readonly isRecent: boolean
  /** For how long a request has been without an answer as expected, to it or a later one; 0 if none is. */
  readonly silentForMs: number
  /** When the last answer as expected came; undefined if none has. */
  readonly answeredAgoMs: number | undefined
  /** How long the last late answer took; undefined if none has come within `patience`. */
  readonly answeredAfterMs: number | undefined
  /** What the app's own statistics say, if they are configured. */
  readonly stats: StatsReport | undefined
}

/**
 * Tells a busy app from a stuck one. An app that answers some request as expected makes progress, however late the answer
 * comes. It may take `patienceMs` for it, counted from the first request since the last such answer: before that, nobody
 * had asked it for anything.
 */
export interface AppProgress {
  /** A request is to be sent. */
  asked(): void
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
  /** When the first request was to be sent since the last answer as expected. */
  let waitingSince: number | undefined
  let answeredAt: number | undefined
  /** How long the last answer as expected took. */
  let tookMs = 0
  let late: { readonly at: number; readonly afterMs: number } | undefined
  let stats: StatsReport | undefined

  const isRecent = (at: number) => clock.now() - at < patienceMs
  // a queue that took so long at the last answer has not become shorter
  const isPatient = (silentForMs: number) => silentForMs < patienceMs + Math.min(tookMs, patienceMs)

  return {
    asked: () => void (waitingSince ??= clock.now()),
    answered: ({ afterMs, isLate }) => {
      answeredAt = clock.now()
      waitingSince = undefined
      tookMs = afterMs
      if (isLate) late = { at: answeredAt, afterMs }
    },
    reported: report => void (stats = report),
    look() {
      const now = clock.now()
      const silentForMs = now - (waitingSince ?? now)
      return {
        isRecent: isPatient(silentForMs) && !isStuck(stats, patienceMs),
        silentForMs,
        answeredAgoMs: answeredAt === undefined ? undefined : now - answeredAt,
        answeredAfterMs: late && isRecent(late.at) ? late.afterMs : undefined,
        stats,
      }
    },
  }
}

/** No worker is free, and none has completed a request for half of the patience. */
const isStuck = (stats: StatsReport | undefined, patienceMs: number): boolean =>
  stats !== undefined &&
  stats.workers > 0 &&
  stats.workersBusy === stats.workers &&
  stats.idleForMs >= patienceMs / 2
