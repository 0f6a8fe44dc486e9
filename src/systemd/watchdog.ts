import type { ProcessEnv } from '../lib/process-env.ts'

/** The share of the watchdog's time after which it is fed again. */
const FEED_SHARE = 0.25
/**
 * How many times over the longest time without a finding has to fit into the watchdog's: it goes unfed for that time and
 * `FEED_SHARE`, so that a quarter of its own is left for a host that is slow.
 */
const QUIET_TIMES = 2

/** The unit's `WatchdogSec=` in milliseconds, as sd_watchdog_enabled(3) finds it; undefined where this process has none. */
export const unitWatchdogMs = (
  { WATCHDOG_USEC, WATCHDOG_PID }: ProcessEnv,
  pid: number,
): number | undefined => {
  const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid
  const microseconds = /^\d+$/.test(WATCHDOG_USEC ?? '') ? Number(WATCHDOG_USEC) : 0
  return isOurs && microseconds > 0 ? microseconds / 1000 : undefined
}

/**
 * The time in milliseconds after which systemd is to end the process where it is not fed: the unit's, or a longer one
 * where the checks are configured to be asked so seldom that nothing could feed it in time.
 */
export const watchdogMsFor = (unitMs: number, longestQuietMs: number): number =>
  Math.max(unitMs, QUIET_TIMES * longestQuietMs)

/** Whether a check that has just answered feeds the watchdog: not too often, and not while the answers of another stay away. */
export const isFeedDue = ({
  watchdogMs,
  sinceFedMs,
  overdue,
}: {
  readonly watchdogMs: number
  readonly sinceFedMs: number
  /** Names of checks whose findings have stopped coming. */
  readonly overdue: readonly string[]
}): boolean => overdue.length === 0 && sinceFedMs >= watchdogMs * FEED_SHARE
