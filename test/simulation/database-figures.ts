import type { Database } from './models/database.ts'
import { START_MS } from './simulation.ts'

/** What health checks ask of the database, summed up over seconds. */
export interface Asked {
  readonly queries: number
  readonly logins: number
  readonly seconds: number
}

/** Steady: no trouble within the last minute. End: within a minute after it. */
export type Period = 'steady' | 'outage' | 'end'
export type DatabaseFigures = Readonly<Record<Period, Asked>>

const END_MS = 60_000
export const noneAsked = { queries: 0, logins: 0, seconds: 0 }

/** Sums up each period of a trace until `endsAt`. */
export const databaseFigures = (database: Database, endsAt: number): DatabaseFigures => {
  const sums = { steady: { ...noneAsked }, outage: { ...noneAsked }, end: { ...noneAsked } }
  const periodAt = (at: number): Period => {
    let period: Period = 'steady'
    for (const { from, to } of database.troubles) {
      if (from <= at && at < to) return 'outage'
      if (to <= at && at < to + END_MS) period = 'end'
    }
    return period
  }
  for (let second = 0; second < (endsAt - START_MS) / 1000; second += 1) {
    const sum = sums[periodAt(START_MS + second * 1000)]
    sum.seconds += 1
    sum.queries += database.queries.counts[second] ?? 0
    sum.logins += database.logins.counts[second] ?? 0
  }
  return sums
}
