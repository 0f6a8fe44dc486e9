import { readRecord } from './read-record.ts'
import type { HistoryRecord } from './record.ts'

/** A daemon that lives has a record at least so often, in milliseconds. */
export const ALIVE_EVERY_MS = 300_000
/** A daemon that was away for longer has answered nobody meanwhile, in milliseconds. */
const MOST_AWAY_MS = 60_000

/** The answer that probes got, and since when. */
export interface KnownAnswer {
  readonly answer: HistoryRecord['answer']
  readonly since: Date
}

const lastRecord = (lines: readonly string[]): HistoryRecord | undefined => {
  for (const line of lines.toReversed()) {
    const record = readRecord(line)
    if (record) return record
  }
  return undefined
}

/**
 * What the daemon before this one answered last, if it was on this boot, with this release, and not long ago. One that was
 * killed may have answered for as long as a daemon goes without a record.
 */
export const lastAnswerIn = (
  lines: readonly string[],
  now: { readonly bootId: string | undefined; readonly release: string | undefined; readonly date: Date },
): KnownAnswer | undefined => {
  const last = lastRecord(lines)
  if (!last || now.bootId === undefined || last.bootId !== now.bootId || last.release !== now.release)
    return undefined
  const awayMs = now.date.getTime() - Date.parse(last.time)
  const mostMs = MOST_AWAY_MS + (last.event === 'stop' ? 0 : ALIVE_EVERY_MS)
  const since = new Date(last.since)
  if (awayMs < 0 || awayMs > mostMs || since > now.date) return undefined
  return { answer: last.answer, since }
}
