import type { ProcessEnv } from '../lib/process-env.ts'

/** It is fed again after this share of its time. */
const FEED_SHARE = 0.25
/**
 * The watchdog's time must be at least so many times the longest time without a finding. It goes unfed for that time
 * plus `FEED_SHARE`, which leaves a quarter of its time for a slow host.
 */
const QUIET_TIMES = 2

/** The unit's `WatchdogSec=` in milliseconds, as sd_watchdog_enabled(3) finds it; undefined if this process has none. */
export const unitWatchdogMs = (
  { WATCHDOG_USEC, WATCHDOG_PID }: ProcessEnv,
  pid: number,
): number | undefined => {
  const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid
  const microseconds = /^\d+$/.test(WATCHDOG_USEC ?? '') ? Number(WATCHDOG_USEC) : 0
  return isOurs && microseconds > 0 ? microseconds / 1000 : undefined
}

/**
 * After so many milliseconds without a feed, systemd ends the process. It is the unit's time, or a longer one if the
 * checks run too seldom to feed it in time.
 */
export const watchdogMsFor = (unitMs: number, longestQuietMs: number): number =>
  Math.max(unitMs, QUIET_TIMES * longestQuietMs)

/** Whether an answer of a check feeds the watchdog: not too often, and not while another check is overdue. */
export const isFeedDue = ({
  watchdogMs,
  sinceFedMs,
  overdue,
}: {
  readonly watchdogMs: number
  readonly sinceFedMs: number
  /** Names of checks that no longer answer. */
  readonly overdue: readonly string[]
}): boolean => overdue.length === 0 && sinceFedMs >= watchdogMs * FEED_SHARE
