import { printable } from '../lib/printable.ts'
import type { HistoryRecord } from './record.ts'

const MAX_RECORD_BYTES = 16 * 1024
/** In a record that is too long, texts are truncated to this, in characters. */
const MAX_TEXT_LENGTH = 1000
/** Members that a record can do without, and that can be long: what goes first comes first. */
const DISPENSABLE = ['evidence', 'checks', 'mistakes', 'states', 'runs']

const shortened = (record: object): object =>
  JSON.parse(JSON.stringify(record), (_name, part: unknown) =>
    typeof part === 'string' ? part.slice(0, MAX_TEXT_LENGTH) : part,
  )

const isShort = (record: object): boolean =>
  Buffer.byteLength(printable(JSON.stringify(record))) <= MAX_RECORD_BYTES

/** The record without what makes it too long, with the names of those members in `omitted`. */
const truncated = (record: object): object => {
  let kept: Record<string, unknown> = { ...record }
  const omitted: string[] = []
  for (const name of DISPENSABLE) {
    if (isShort(kept)) break
    if (kept[name] === undefined) continue
    const { [name]: _long, ...rest } = kept
    omitted.push(name)
    kept = { ...rest, omitted: [...omitted] }
    if (name === 'evidence' && !isShort(kept)) kept = { ...shortened(kept) }
  }
  return isShort(kept) ? kept : shortened(kept)
}

/** A record as a line. `time` comes first, and no character in it commands a terminal or ends a line. */
export const lineOf = (record: HistoryRecord): string =>
  `${printable(JSON.stringify(isShort(record) ? record : truncated(record)))}\n`
