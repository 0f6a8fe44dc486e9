import { isMapping } from '../lib/json.ts'
import { printable } from '../lib/printable.ts'
import type { HistoryRecord } from './record.ts'

const MAX_RECORD_BYTES = 16 * 1024
/** In a record that is too long, texts are truncated to this, in characters. */
const MAX_TEXT_LENGTH = 1000
/** Members that a record can do without, and that can be long. */
const DISPENSABLE = ['evidence', 'checks', 'mistakes']

const shortened = (record: object): object =>
  JSON.parse(JSON.stringify(record), (_name, part: unknown) =>
    typeof part === 'string' ? part.slice(0, MAX_TEXT_LENGTH) : part,
  )

/** The record without what makes it too long, with the names of those members in `omitted`. */
const truncated = (record: object): object => {
  const kept = Object.entries(record).filter(([name]) => !DISPENSABLE.includes(name))
  const omitted = DISPENSABLE.filter(name => isMapping(record) && record[name] !== undefined)
  return shortened({ ...Object.fromEntries(kept), omitted })
}

/** A record as a line. `time` comes first, and no character in it commands a terminal or ends a line. */
export const lineOf = (record: HistoryRecord): string => {
  const line = printable(JSON.stringify(record))
  return `${Buffer.byteLength(line) <= MAX_RECORD_BYTES ? line : printable(JSON.stringify(truncated(record)))}\n`
}
