import { answerOf } from './answer.ts'
import type { CheckVerdict, Hold, Verdict } from './verdict.ts'

/** The holds that keep this host in service: those of required checks, while the answer is 200. */
export const holdsOf = (
  { status, checks }: Verdict,
  isRequired: (check: string) => boolean,
): readonly (CheckVerdict & { readonly hold: Hold })[] =>
  answerOf(status) === 503
    ? []
    : checks.flatMap(check => (check.hold && isRequired(check.name) ? [{ ...check, hold: check.hold }] : []))
