import type { SmokeClock } from './clock.ts'
import type { StatsReport } from './uwsgi-stats.ts'

/** What is known now about the progress of the app. */
export interface ProgressSeen {
  /** Whether no request has been without an answer as expected, to it or a later one, for too long. */
  readonly isRecent: boolean
  /** For how long a request has been without an answer as expected, to it or a later one; 0 if none is. */
  readonly silentForMs: number
  /** For how long that may be so. */
  readonly mayBeSilentForMs: number
  /** When the last answer as expected came; undefined if none has. */
  readonly answeredAgoMs: number | undefined
  /** How long the last late answer took; undefined if none has come for as long as the app may be silent. */
  readonly answeredAfterMs: number | undefined
  /** When a late failure first came since the last answer as expected; undefined if none has. */
  readonly failedLateAgoMs: number | undefined
  /** What the app's own statistics say, if they are configured. */
  readonly stats: StatsReport | undefined
}

/**
 * In an overload, a queue has grown by the time that its next request is answered: at four times the load that the workers
 * can do, each of our requests waits up to four times as long as the one before it.
 */
const QUEUE_GROWTH = 3

/** A request without an answer holds back others for at least so many times the patience. */
const LATE_PATIENCES = 2

/** Nothing is waited for longer than for so many times the patience: with the default, for five minutes. */
const MOST_PATIENCES = 10

/**
 * Tells a busy app from a stuck one. An app that answers some request as expected makes progress, however late the answer
 * comes. It may take `patienceMs` for it, and longer if the last answer took long. That is counted from the first request
 * since the last such answer: before that, nobody had asked it for anything. How long answers take is not known before the
 * first one: an app that served before may have a queue of any length by now.
 */
export interface AppProgress {
  /** A request is to be sent. */
  asked(): void
  /** An answer as expected has arrived. */
  answered(answer: { readonly afterMs: number; readonly isLate: boolean }): void
  /** A request that was given up on has failed. */
  failedLate(): void
  /** The app's own statistics have arrived; undefined if they cannot be read. */
  reported(stats: StatsReport | undefined): void
  /** For how long, in milliseconds, a request that is sent now holds back others if it is not answered. */
  waitMs(): number
  /** For how long, in milliseconds, its answer can still tell that the app is not stuck. */
  readonly mostMs: number
  /** Whether a request that was sent after a time was answered as expected. */
  hasAnsweredSince(at: number): boolean
  look(): ProgressSeen
}

export const createAppProgress = ({
  clock,
  patienceMs,
  hasServed = false,
  silentForMs: wasSilentForMs = 0,
}: {
  readonly clock: SmokeClock
  readonly patienceMs: number
  /** Whether the app is known to have answered others before. */
  readonly hasServed?: boolean
  /** For how long the app has been silent already, to others that asked it. */
  readonly silentForMs?: number
}): AppProgress => {
  /** When the first request was to be sent since the last answer as expected. */
  let waitingSince: number | undefined
  let answeredAt: number | undefined
  /** How long the last answer as expected took, and when its request was sent. */
  let tookMs = 0
  let sentAt = -Infinity
  let late: { readonly at: number; readonly afterMs: number } | undefined
  let failedLateAt: number | undefined
  let stats: StatsReport | undefined

  const mostMs = MOST_PATIENCES * patienceMs
  const mayBeSilentForMs = () =>
    hasServed && answeredAt === undefined ? mostMs : Math.min(patienceMs + QUEUE_GROWTH * tookMs, mostMs)

  return {
    asked: () => void (waitingSince ??= clock.now() - (answeredAt === undefined ? wasSilentForMs : 0)),
    answered: ({ afterMs, isLate }) => {
      answeredAt = clock.now()
      waitingSince = undefined
      failedLateAt = undefined
      // a request that others have overtaken, such as one that the app's process before has, tells of no queue
      if (answeredAt - afterMs >= sentAt) {
        tookMs = afterMs
        sentAt = answeredAt - afterMs
      }
      if (isLate) late = { at: answeredAt, afterMs }
    },
    failedLate: () => void (failedLateAt ??= clock.now()),
    reported: report => void (stats = report),
    mostMs,
    waitMs: () => Math.max(mayBeSilentForMs(), LATE_PATIENCES * patienceMs),
    hasAnsweredSince: at => sentAt > at,
    look() {
      const now = clock.now()
      const silentForMs = now - (waitingSince ?? now)
      return {
        isRecent: silentForMs < mayBeSilentForMs() && !isStuck(stats, patienceMs),
        silentForMs,
        mayBeSilentForMs: mayBeSilentForMs(),
        answeredAgoMs: answeredAt === undefined ? undefined : now - answeredAt,
        failedLateAgoMs: failedLateAt === undefined ? undefined : now - failedLateAt,
        answeredAfterMs: late && now - late.at < mayBeSilentForMs() ? late.afterMs : undefined,
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
