import { answerOf } from '../core/answer.ts'
import type { Answer } from '../core/answer.ts'
import type { Verdict } from '../core/verdict.ts'

/** Since when the answer to probes is what it is. */
export interface AnswerSince {
  /** Takes note of a verdict, and answers since when its answer (200 or 503) has been given. */
  note(verdict: Pick<Verdict, 'status'>): Date
}

export const createAnswerSince = (
  now: () => Date,
  /** What the daemon before this one answered last. */
  known?: { readonly answer: Answer; readonly since: Date },
): AnswerSince => {
  let answer = known?.answer
  let since = known?.since ?? now()
  return {
    note({ status }) {
      if (answerOf(status) !== answer) {
        answer = answerOf(status)
        since = now()
      }
      return since
    },
  }
}
