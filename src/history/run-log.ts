import type { Run } from './record.ts'

/** Runs in a row that found the same are told one by one up to this number: thresholds count them. */
export const RUNS_KEPT = 20
/** A record is written when so many wait, in a start for example. */
const MOST_WAITING = 200

/** To the microsecond: two changes never seem to be at the same time, and a JSON number is short. */
export const roundedMs = (ms: number): number => Math.round(ms * 1000) / 1000

/** What changed nothing since the record before, and counts all the same. */
export interface RunLog {
  /** A check found the same again: for the `times`th time in a row, no more than `usualMs` after the run before if all is well. */
  found(check: string, run: { readonly ms: number; readonly times: number; readonly usualMs: number }): void
  round(round: { readonly ms: number; readonly startedAt: number; readonly isObstructed: boolean }): void
  /** Peers said the same again. */
  heard(ms: number): void
  /** Whether there are so many that they should be written. */
  readonly isFull: boolean
  /** All of them, in their order; there are none any more. */
  take(): { readonly runs?: readonly Run[] }
}

export const createRunLog = (): RunLog => {
  let runs: Run[] = []
  /** By check: the one that stands for several runs, at the end of which further ones are added. */
  const several = new Map<string, { readonly run: Run; readonly count: number }>()
  const ranAt = new Map<string, number>()
  return {
    found(check, { ms, times, usualMs }) {
      const isUsual = ms - (ranAt.get(check) ?? -Infinity) <= usualMs
      ranAt.set(check, ms)
      const before = isUsual ? several.get(check) : undefined
      several.delete(check)
      if (times <= RUNS_KEPT || !isUsual) return void runs.push([roundedMs(ms), check])
      if (before) runs = runs.filter(run => run !== before.run)
      const count = (before?.count ?? 0) + 1
      const run: Run = [roundedMs(ms), check, count]
      several.set(check, { run, count })
      runs.push(run)
    },
    round({ ms, startedAt, isObstructed }) {
      const times = [roundedMs(ms), roundedMs(startedAt)] as const
      runs.push(isObstructed ? [...times, true] : times)
    },
    heard(ms) {
      runs.push([roundedMs(ms)])
    },
    get isFull() {
      return runs.length - several.size >= MOST_WAITING
    },
    take() {
      const taken = runs
      runs = []
      several.clear()
      return taken.length === 0 ? {} : { runs: taken }
    },
  }
}
