import type { Answer } from '../core/answer.ts'

/** What was answered in a time, and why. */
export interface Answered {
  /** null: the records do not tell */
  readonly answer: Answer | null
  /** sentences */
  readonly why: readonly string[]
}

/** A time in which the answers differ, or may. */
export interface Difference {
  /** ISO */
  readonly from: string
  readonly to: string
  readonly release?: string
  readonly recorded: Answered
  readonly replayed: Answered
}

/** What another configuration would have answered to one history. */
export interface Replayed {
  /** ISO: the first and the last record; absent if there is none */
  readonly from?: string
  readonly to?: string
  /** How long the answers are the same, differ, and cannot be told, in milliseconds. */
  readonly sameMs: number
  readonly differentMs: number
  readonly unknownMs: number
  /** The first of them, in their order. */
  readonly differences: readonly Difference[]
  /** How many differences and unknown times there are in all. */
  readonly counts: { readonly different: number; readonly unknown: number }
  /** Sentences: what the records cannot tell at any time. Answers that seem the same may not be. */
  readonly limits: readonly string[]
}
