import { readHistory } from '../history/read-history.ts'
import type { CheckSummary, HistoryRecord } from '../history/record.ts'
import { storyOf } from '../history/story.ts'
import type { Entry } from '../history/story.ts'
import { stretchesIn } from './stretches.ts'
import type { Stretches } from './stretches.ts'

/** What the page tells of the past. */
export interface Past {
  /** the latest changes, the newest first */
  readonly changes: readonly Entry[]
  /** the one that made the answer what it is now; absent if the history begins later */
  readonly decisive?: Entry
  readonly stretches: Stretches
  /** milliseconds since 1970: where the history begins */
  readonly beganAt: number | undefined
  /** how each check is configured */
  readonly summaries: ReadonlyMap<string, CheckSummary>
}

const MOST_CHANGES = 12

const summariesIn = (records: readonly HistoryRecord[]): Past['summaries'] => {
  for (const record of records.toReversed())
    if ((record.event === 'start' || record.event === 'config') && record.checks)
      return new Map(record.checks.map(summary => [summary.name, summary]))
  return new Map()
}

/** Reads the lines of a history. */
export const pastIn = (lines: readonly string[]): Past => {
  const { records } = readHistory(lines)
  const [first] = records
  const entries = storyOf(records, 0).entries.toReversed()
  const decisive = entries.find(({ answer, answerBefore }) => answer !== answerBefore)
  return {
    changes: entries.slice(0, MOST_CHANGES),
    ...(decisive && { decisive }),
    stretches: stretchesIn(records),
    beganAt: first && Date.parse(first.time),
    summaries: summariesIn(records),
  }
}
