import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMapping } from '../lib/json.ts'
import { codeOf } from '../lib/describe-error.ts'

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

/** Reads `drain.json`: `{"reason": "…", "until": "ISO time"}`. One without an end is damaged. Never throws. */
export const readDrainMarker = async (stateDir: string): Promise<MarkerReading> => {
  try {
    const content: unknown = JSON.parse(await readFile(join(stateDir, 'drain.json'), 'utf8'))
    const marker = markerOf(content)
    return marker
      ? { kind: 'marker', marker }
      : { kind: 'damaged', why: 'expected {"reason": "…", "until": "ISO time"}' }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' }
    return { kind: 'damaged', why: codeOf(error) ?? 'it is no JSON' }
  }
}

const markerOf = (content: unknown): DrainMarker | undefined => {
  if (!isMapping(content)) return undefined
  const { reason, until } = content
  if (typeof reason !== 'string' || typeof until !== 'string') return undefined
  const date = new Date(until)
  return Number.isNaN(date.getTime()) ? undefined : { reason, until: date }
}
