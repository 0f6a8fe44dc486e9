import { answerOf } from './answer.ts'
import type { Because, CheckVerdict, Hold, Verdict } from './verdict.ts'

/** Whether a check keeps its last known state because of a hold. */
export const isHeld = (because: Because | undefined): boolean => because === 'held' || because === 'not-alone'

/** The holds that keep this host in service: those of required checks, while the answer is 200. */
export const holdsOf = (
  { status, checks }: Verdict,
  isRequired: (check: string) => boolean,
): readonly (CheckVerdict & { readonly hold: Hold })[] =>
  answerOf(status) === 503
    ? []
    : checks.flatMap(check => (check.hold && isRequired(check.name) ? [{ ...check, hold: check.hold }] : []))
