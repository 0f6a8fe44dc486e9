import type { Answer } from '../core/answer.ts'
import { isSameRun } from './read-history.ts'
import type { CheckRecord, HistoryRecord } from './record.ts'
import { ruleSentence, timeIn } from './sentences.ts'
import { sameChange } from './story.ts'

/** Where things stood at a moment. */
export interface Moment {
  /** ISO */
  readonly time: string
  /** null: no daemon answered */
  readonly answer: Answer | null
  /** ISO: since when that was the answer; absent if that is not known */
  readonly since?: string
  readonly phase?: HistoryRecord['phase']
  readonly release?: string
  /** sentences */
  readonly why: readonly string[]
  readonly checks: readonly CheckThen[]
  /** ISO: the last record before the moment */
  readonly recorded: string
}

/** What a check had found, and since when. */
export interface CheckThen extends Pick<CheckRecord, 'check' | 'status' | 'reason' | 'message'> {
  /** ISO */
  readonly since: string
}

/**
 * The index of the last record at a time or before it; -1 if there is none. If the clock was set back, a time comes twice: the later
 * one counts.
 */
export const indexAt = (records: readonly HistoryRecord[], time: Date): number => {
  const at = time.getTime()
  const index = records.findLastIndex((record, i) => {
    const next = records[i + 1]
    return Date.parse(record.time) <= at && (!next || Date.parse(next.time) > at)
  })
  const last = records[index]
  // a change and its verdict may be a millisecond apart
  return last && sameChange(last, records[index + 1]) ? index + 1 : index
}

/** Sentences: why the answer was so. If one check decided, what it has found since the verdict counts. */
const whyOf = (
  { output, rule, decidedBy, verdict: effect }: HistoryRecord & { readonly event: 'verdict' },
  {
    startup,
    since,
  }: { readonly startup: HistoryRecord['startup']; readonly since: ReadonlyMap<string, CheckRecord> },
): readonly string[] => {
  const [first] = decidedBy
  const isOne = decidedBy.length === 1 && rule !== 'draining'
  const latest = isOne && first ? since.get(first.check) : undefined
  if (!latest || !first)
    return [
      ...(output === undefined ? [] : [output]),
      `rule: ${ruleSentence(rule, { first: { ...first, effect }, startup })}`,
    ]
  const { check, status, message, because = status === 'fail' ? 'failed' : rule } = latest
  const decisive = latest.because === undefined ? first : latest
  return [
    ...(message === undefined ? [] : [`${check}: ${message}`]),
    `rule: ${ruleSentence(rule === 'starting' ? rule : because, { first: { ...decisive, effect }, startup })}`,
  ]
}

/** Where things stood after a record. */
export const momentAfter = (
  records: readonly HistoryRecord[],
  index: number,
  time: Date,
): Moment | undefined => {
  const last = records[index]
  if (!last) return undefined
  const base = { time: time.toISOString(), recorded: last.time }
  if (last.event === 'stop') return { ...base, answer: null, since: last.time, why: [], checks: [] }

  const checks = new Map<string, CheckThen>()
  /** What each check has found since the verdict. */
  const since = new Map<string, CheckRecord>()
  let verdict: (HistoryRecord & { readonly event: 'verdict' }) | undefined
  for (let i = index; i >= 0; i -= 1) {
    const record = records[i]
    const next = records[i + 1]
    if (!record || (i < index && next && !isSameRun(record, next))) break
    if (record.event === 'verdict') verdict ??= record
    if (record.event === 'release') break
    if (record.event === 'check' && !verdict && !since.has(record.check)) since.set(record.check, record)
    if (record.event === 'check' && !checks.has(record.check)) {
      const { check, status, reason, message } = record
      checks.set(check, {
        check,
        status,
        ...(reason !== undefined && { reason }),
        ...(message !== undefined && { message }),
        since: record.time,
      })
    }
  }
  const why = verdict ? whyOf(verdict, { startup: last.startup, since }) : [ruleWithout(last)]
  return {
    ...base,
    answer: last.answer,
    since: last.since,
    phase: last.phase,
    ...(last.release !== undefined && { release: last.release }),
    why: [...why, ...mayHaveEnded(last, records[index + 1])],
    checks: [...checks.values()].toReversed(),
  }
}

const mayHaveEnded = (last: HistoryRecord, next: HistoryRecord | undefined): string[] =>
  next && !isSameRun(last, next)
    ? [
        `the daemon ended without a word between ${timeIn(last.time)} and ${timeIn(next.time)}: it may have answered nobody`,
      ]
    : []

/** Since its start, the daemon has had one verdict. */
const ruleWithout = ({ phase, startup, answer }: HistoryRecord): string => {
  if (phase !== 'serving') return `rule: ${ruleSentence(phase, { startup })}`
  return answer === 200 ? 'nothing has changed since the daemon started' : 'it was so when the daemon started'
}
