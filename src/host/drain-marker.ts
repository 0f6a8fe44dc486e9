import { join } from 'node:path'
import { isMapping } from '../lib/json.ts'
import { readStateFile, removeStateFile, writeStateFile } from './state-file.ts'

/** A host that an operator has taken out. */
export interface DrainMarker {
  readonly reason: string
  /** When it ends by itself, by the wall clock; absent if it lasts until it is removed. */
  readonly until?: Date
  /** Who began it, as they said. */
  readonly by?: string
  /** When it began. */
  readonly since?: Date
}

export type MarkerReading =
  | { readonly kind: 'marker'; readonly marker: DrainMarker }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly why: string }

/** Everybody may read it: root writes it, and the daemon's user reads it. */
const MODE = 0o644
/** Longer texts are truncated, in characters. */
const MAX_TEXT_LENGTH = 500

export const drainMarkerIn = (stateDir: string): string => join(stateDir, 'drain.json')

/**
 * Reads `drain.json`: `{"reason": "…", "until": "ISO time"}`. Without an end it needs `"untilResumed": true`, so that
 * nobody forgets the end by mistake; else it is damaged. Never rejects, and takes five seconds at most.
 */
export const readDrainMarker = async (stateDir: string): Promise<MarkerReading> => {
  const reading = await readStateFile(drainMarkerIn(stateDir))
  if (reading.kind !== 'value') return reading
  const marker = markerOf(reading.value)
  return marker
    ? { kind: 'marker', marker }
    : {
        kind: 'damaged',
        why: 'expected {"reason": "…", "until": "ISO time"}, or "untilResumed": true in the place of the time',
      }
}

/** Writes the marker. Throws the system's error. */
export const writeDrainMarker = (stateDir: string, marker: DrainMarker): Promise<void> => {
  const end = marker.until === undefined ? { untilResumed: true } : {}
  return writeStateFile(drainMarkerIn(stateDir), { ...marker, ...end }, { mode: MODE })
}

/** Removes the marker, if there is one. Throws the system's error. */
export const removeDrainMarker = (stateDir: string): Promise<void> => removeStateFile(drainMarkerIn(stateDir))

const dateOf = (value: unknown): Date | undefined => {
  const date = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const markerOf = (content: unknown): DrainMarker | undefined => {
  if (!isMapping(content)) return undefined
  const { reason, by, untilResumed } = content
  const until = dateOf(content['until'])
  const since = dateOf(content['since'])
  if (typeof reason !== 'string') return undefined
  if (!until && (untilResumed !== true || content['until'] !== undefined)) return undefined
  return {
    reason: reason.slice(0, MAX_TEXT_LENGTH),
    ...(until && { until }),
    ...(since && { since }),
    ...(typeof by === 'string' && { by: by.slice(0, MAX_TEXT_LENGTH) }),
  }
}
