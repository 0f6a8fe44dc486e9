import { join } from 'node:path'
import { isMapping } from '../lib/json.ts'
import { readStateFile } from './state-file.ts'

/** A host taken out by an operator, for a time. */
export interface DrainMarker {
  readonly reason: string
  /** When it ends by itself, by the wall clock. */
  readonly until: Date
}

export type MarkerReading =
  | { readonly kind: 'marker'; readonly marker: DrainMarker }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly why: string }

/**
 * Reads `drain.json`: `{"reason": "…", "until": "ISO time"}`. One without an end is damaged. Never rejects, and takes a
 * second at most.
 */
export const readDrainMarker = async (stateDir: string): Promise<MarkerReading> => {
  const reading = await readStateFile(join(stateDir, 'drain.json'))
  if (reading.kind !== 'value') return reading
  const marker = markerOf(reading.value)
  return marker
    ? { kind: 'marker', marker }
    : { kind: 'damaged', why: 'expected {"reason": "…", "until": "ISO time"}' }
}

const markerOf = (content: unknown): DrainMarker | undefined => {
  if (!isMapping(content)) return undefined
  const { reason, until } = content
  if (typeof reason !== 'string' || typeof until !== 'string') return undefined
  const date = new Date(until)
  return Number.isNaN(date.getTime()) ? undefined : { reason, until: date }
}
