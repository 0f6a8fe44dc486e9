import type { Clock } from '../monitor/clock.ts'

/** The shortest time between two lines of the same kind. */
const REPEAT_MS = 60_000

/** Bounds lines that clients cause. */
export interface Seldom {
  /**
   * Counts one of this kind. How many were left out since the last line of the kind; undefined if this one is to be left
   * out too. Kinds are words of a closed list.
   */
  of(kind: string): number | undefined
}

/** Lets one line of each kind through in a minute. */
export const createSeldom = (clock: Pick<Clock, 'now'>): Seldom => {
  const known = new Map<string, { readonly at: number; unlogged: number }>()
  return {
    of(kind) {
      const last = known.get(kind)
      const now = clock.now()
      if (last && now - last.at < REPEAT_MS) {
        last.unlogged += 1
        return undefined
      }
      known.set(kind, { at: now, unlogged: 0 })
      return last?.unlogged ?? 0
    },
  }
}

/** What a line says of those that were left out before it. */
export const moreText = (unlogged: number): string =>
  unlogged > 0 ? ` (and ${unlogged} more since the last such line)` : ''
