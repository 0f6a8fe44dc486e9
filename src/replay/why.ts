import type { Verdict } from '../core/verdict.ts'
import { decidedBy, ruleOf } from '../history/rule.ts'
import { ruleSentence } from '../history/sentences.ts'
import type { CheckSummary, HistoryRecord, RecordBase, VerdictRecord } from '../history/record.ts'

/** A text of somebody else that says more says too much here, in characters. */
const MAX_LENGTH = 500

const clipped = (text: string): string => (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text)

export interface WhyContext {
  readonly summaryOf: (name: string) => CheckSummary | undefined
  /** The wall clock's time at a monotonic time. */
  readonly dateOf: (at: number) => Date
  readonly startup: RecordBase['startup']
}

/** Sentences: why a verdict is what it is. */
export const verdictWhy = (verdict: Verdict, context: WhyContext): readonly string[] => {
  const [first] = decidedBy(verdict, context)
  return [
    ...(verdict.output === undefined ? [] : [clipped(verdict.output)]),
    `rule: ${ruleSentence(ruleOf(verdict), { first: { ...first, effect: verdict.status }, startup: context.startup })}`,
  ]
}

/** Sentences: why the recorded daemon answered what it did. */
export const recordedWhy = (last: HistoryRecord, verdict: VerdictRecord | undefined): readonly string[] => {
  if (!verdict) {
    const { phase, startup } = last
    return phase === 'serving'
      ? ['nothing had changed since the daemon started']
      : [`rule: ${ruleSentence(phase, { startup })}`]
  }
  const { output, rule, decidedBy: decisive } = verdict
  return [
    ...(output === undefined ? [] : [clipped(output)]),
    `rule: ${ruleSentence(rule, { first: { ...decisive[0], effect: last.verdict }, startup: last.startup })}`,
  ]
}
