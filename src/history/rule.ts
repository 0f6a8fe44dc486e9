import type { CheckVerdict, Verdict } from '../core/verdict.ts'
import type { CheckSummary, Decisive, Rule, RuleOfCheck } from './record.ts'

/** More checks than this are not told of one by one. */
const MOST_CHECKS = 10

/** The checks that decided a verdict: those that count as what it is, unless all pass. */
const decisiveIn = ({ status, checks }: Verdict): readonly CheckVerdict[] =>
  checks.filter(({ effect }) => effect === status && effect !== 'pass')

/** The rule that decided a verdict. A drain covers the phase, and a start covers the checks. */
export const ruleOf = (verdict: Verdict): Rule => {
  const { status, phase } = verdict
  if (phase !== 'serving') return phase
  const [first] = decisiveIn(verdict)
  if (!first) return status === 'fail' ? 'nothing-required' : 'all-pass'
  return first.because ?? (status === 'fail' ? 'failed' : 'warning')
}

interface RuleContext {
  readonly summaryOf: (name: string) => CheckSummary | undefined
  /** The wall clock's time at a monotonic time. */
  readonly dateOf: (at: number) => Date
}

/** The rule of one check, if it has one, and the numbers in it. */
export const ruleOfCheck = (
  { name, because, hold }: CheckVerdict,
  { summaryOf, dateOf }: RuleContext,
): RuleOfCheck => {
  const summary = summaryOf(name)
  return {
    ...(because && { because }),
    ...(summary && {
      healthyThreshold: summary.healthyThreshold,
      unhealthyThreshold: summary.unhealthyThreshold,
    }),
    ...(hold && Number.isFinite(hold.until) && { heldUntil: dateOf(hold.until).toISOString() }),
  }
}

/** What is told of the checks that decided a verdict. */
export const decidedBy = (verdict: Verdict, context: RuleContext): readonly Decisive[] =>
  decisiveIn(verdict)
    .slice(0, MOST_CHECKS)
    .map(check => ({
      check: check.name,
      type: context.summaryOf(check.name)?.type ?? 'unknown',
      status: check.finding.status,
      ...(check.finding.status !== 'pass' && { reason: check.finding.reason }),
      ...(check.hold && { cause: check.hold.cause }),
      ...ruleOfCheck(check, context),
    }))
