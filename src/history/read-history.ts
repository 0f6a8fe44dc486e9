import { readRecord } from './read-record.ts'
import type { HistoryRecord } from './record.ts'

/** The records of a history in the order in which they were written, and what is wrong with it. */
export interface ReadHistory {
  readonly records: readonly HistoryRecord[]
  /** Lines that are no record. */
  readonly unreadable: number
  /** Records that a daemon could not write. */
  readonly missing: number
  /** Records of one daemon among those of another: both have the same state directory. */
  readonly isShared: boolean
}

/** Whether two records are of one daemon, if no start is between them. */
const isSameDaemon = (a: HistoryRecord, b: HistoryRecord): boolean => a.pid === b.pid && a.bootId === b.bootId

/** Whether `b` follows `a` in one run of a daemon. */
export const isSameRun = (a: HistoryRecord, b: HistoryRecord): boolean =>
  b.event !== 'start' && isSameDaemon(a, b)

/** The same for a record that was written twice, as after a disk that hung, and for no other. */
export const keyOf = ({ bootId, pid, seq, uptimeMs }: HistoryRecord): string =>
  [bootId, pid, seq, Math.round(uptimeMs)].join(' ')

/** Reads lines. A record that was written twice counts once. */
export const readHistory = (lines: readonly string[]): ReadHistory => {
  const records: HistoryRecord[] = []
  const seen = new Set<string>()
  let unreadable = 0
  let missing = 0
  let isShared = false
  for (const line of lines) {
    const record = readRecord(line)
    if (!record) {
      unreadable += 1
      continue
    }
    if (record.event !== 'now') {
      if (seen.has(keyOf(record))) continue
      seen.add(keyOf(record))
    }
    const last = records.at(-1)
    if (last && isSameRun(last, record)) missing += Math.max(0, record.seq - last.seq - 1)
    else if (last && record.event !== 'start') isShared = true
    records.push(record)
  }
  return { records, unreadable, missing, isShared }
}
