import type { Answer } from '../core/answer.ts'
import type { Answered, Difference, Replayed } from './replayed.ts'

/** More differences than this are only counted. */
const MOST_TOLD = 1000

/** Where the two stand at a moment. */
export interface Comparison {
  readonly recorded: Answer
  /** null: the records do not tell. */
  readonly replayed: Answer | null
  /** Asked only if they are not the same. */
  readonly why: () => {
    readonly recorded: Answered
    readonly replayed: Answered
    readonly release?: string | undefined
  }
}

export interface Moment {
  /** monotonic milliseconds of the recorded daemon */
  readonly at: number
  /** the wall clock's milliseconds */
  readonly wallMs: number
}

interface Open {
  readonly begin: Moment
  readonly comparison: Comparison
  readonly told: ReturnType<Comparison['why']> | undefined
}

const kindOf = ({ recorded, replayed }: Comparison): 'same' | 'different' | 'unknown' =>
  replayed === null ? 'unknown' : replayed === recorded ? 'same' : 'different'

const isSameComparison = (a: Comparison, b: Comparison): boolean =>
  kindOf(a) === kindOf(b) &&
  (kindOf(a) === 'same' || (a.recorded === b.recorded && a.replayed === b.replayed))

/** The last time that a Date can have, in milliseconds (ECMA-262, 21.4.1.1). */
const LAST_MS = 8.64e15

/** A damaged record may have any time. */
const iso = ({ wallMs }: Moment): string =>
  new Date(Math.max(-LAST_MS, Math.min(wallMs, LAST_MS))).toISOString()

/** Adds up times in which two answers are the same, differ, or cannot be compared. */
export class Tally {
  readonly #ms = { same: 0, different: 0, unknown: 0 }
  readonly #counts = { same: 0, different: 0, unknown: 0 }
  readonly #differences: Difference[] = []
  #open: Open | undefined

  /** From this moment on, the two answers compare like this. */
  turn(moment: Moment, comparison: Comparison): void {
    if (this.#open && isSameComparison(this.#open.comparison, comparison)) return
    this.end(moment)
    const told = kindOf(comparison) === 'same' ? undefined : comparison.why()
    this.#open = { begin: moment, comparison, told }
  }

  /** From this moment on, nobody answers: the daemon has ended. */
  end(moment: Moment): void {
    const open = this.#open
    this.#open = undefined
    if (!open) return
    const kind = kindOf(open.comparison)
    this.#ms[kind] += moment.at - open.begin.at
    this.#counts[kind] += 1
    if (!open.told || this.#differences.length >= MOST_TOLD) return
    const { recorded, replayed, release } = open.told
    const from = iso(open.begin)
    const to = iso(moment)
    this.#differences.push({ from, to, ...(release !== undefined && { release }), recorded, replayed })
  }

  get result(): Omit<Replayed, 'from' | 'to' | 'limits'> {
    const { same, different, unknown } = this.#ms
    return {
      sameMs: same,
      differentMs: different,
      unknownMs: unknown,
      differences: this.#differences,
      counts: { different: this.#counts.different, unknown: this.#counts.unknown },
    }
  }
}
