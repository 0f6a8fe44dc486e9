import { TimeLimitError } from '../../lib/run-within.ts'
import { judgeAnswer } from './judge-answer.ts'
import type { Judgement } from './question.ts'

/** What an answer has against a pass. Unknown if a regular expression of the configuration takes too long on it. */
export const judgeInTime = (...asked: Parameters<typeof judgeAnswer>): Judgement | undefined => {
  try {
    return judgeAnswer(...asked)
  } catch (error) {
    if (!(error instanceof TimeLimitError)) throw error
    const [, { subject }] = asked
    return {
      status: 'unknown',
      reason: 'SMOKE_EXPRESSION_SLOW',
      message: `a regular expression in expect takes too long on ${subject} (${error.message}); write a simpler one, or expect a text`,
    }
  }
}
