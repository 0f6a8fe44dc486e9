import type { Cause, Evidence } from '../core/finding.ts'
import type { Status } from '../core/status.ts'
import { toTenths } from '../lib/round.ts'
import type { CheckVerdict, Verdict } from '../core/verdict.ts'

/** The status document: draft-inadarei-api-health-check, with a phase, and with reasons and evidence for each check. */
export interface StatusDocument {
  readonly status: Verdict['status']
  readonly phase: Verdict['phase']
  /** the app's name, on a host with several */
  readonly serviceId?: string
  readonly releaseId?: string
  /** of the document's format */
  readonly version: '1'
  readonly output?: string
  /** ISO time since when the answer has been this one: 200, or 503 */
  readonly since?: string
  /** while starting: rounds that passed in a row, and how many are needed */
  readonly startup?: { readonly rounds: number; readonly needed: number }
  /** an operator's drain; if there is none, one for a lifecycle notice */
  readonly drain?: DrainDocument
  /** what EC2 and the scaling group have in store for this instance */
  readonly lifecycle?: LifecycleDocument
  /** who probes, and how */
  readonly probes?: ProbesDocument
  /** what an operator should know as well */
  readonly notes?: readonly string[]
  readonly checks: Readonly<Record<string, readonly [CheckDocument]>>
}

export interface DrainDocument {
  readonly reason: string
  /** who began it, as they said */
  readonly by?: string
  /** ISO time of its begin */
  readonly since?: string
  /** ISO time of its end; absent if it lasts until `resume` */
  readonly until?: string
}

export interface LifecycleDocument {
  /** where the scaling group moves this instance */
  readonly targetState?: string
  /** how EC2 takes this spot instance back; `time` is an ISO time */
  readonly spot?: { readonly action: string; readonly time?: string }
  /** ISO time of EC2's recommendation to replace this spot instance */
  readonly rebalance?: string
  /** if this takes the host out: ISO time since when, and why */
  readonly drainedSince?: string
  readonly reason?: string
}

export interface ProbesDocument {
  /** at most 16, the latest first */
  readonly sources: readonly ProbeSourceDocument[]
  /** where the configuration does not fit these probes; it changes no answer */
  readonly lint?: readonly { readonly code: string; readonly message: string }[]
}

export interface ProbeSourceDocument {
  /** absent for clients of a Unix socket */
  readonly address?: string
  /** the kind of health checker, if its User-Agent is a known one's */
  readonly checker?: string
  /** ISO time of the latest probe */
  readonly time: string
  /** how many there were */
  readonly probes: number
  /** the latest answer, and how many in a row were the same */
  readonly answer?: number
  readonly answersInARow?: number
  /** if it is regular */
  readonly intervalSeconds?: number
  /** failures in a row until such a checker takes a host out, unless it is set to another number */
  readonly defaultUnhealthyThreshold?: number
  /** probes whose connection was closed before their answer, and after how long at most */
  readonly closedEarly?: number
  readonly closedAfterSeconds?: number
}

export interface CheckDocument {
  /** of the latest finding */
  readonly status: Status
  readonly componentType: string
  /** ISO time of the latest finding; absent if there is none */
  readonly time?: string
  /** how long the latest run took */
  readonly observedValue?: number
  readonly observedUnit?: 'ms'
  /** what it counts as in the verdict, and why; absent if that is the finding's own status */
  readonly effect?: CheckVerdict['effect']
  readonly because?: CheckVerdict['because']
  readonly output?: string
  readonly reason?: string
  /** of an unknown */
  readonly cause?: Cause
  /** ISO times of a hold: since when nothing is known, and when it expires; no end if it holds for as long as it lasts */
  readonly heldSince?: string
  readonly heldUntil?: string
  readonly evidence?: Evidence
}

/** What the document tells beyond the verdict. */
export interface StatusContext {
  readonly app?: string | undefined
  readonly release: string | undefined
  readonly notes: readonly string[]
  /** The type of a check's subject, by the check's name. */
  readonly componentTypeOf: (name: string) => string
  /** Milliseconds that a check's latest run took. */
  readonly tookMsOf: (name: string) => number | undefined
  /** The wall clock's time at a monotonic time. */
  readonly dateOf: (at: number) => Date
  /** While starting: how far it has come. */
  readonly startup?: { readonly rounds: number; readonly needed: number } | undefined
  readonly answeredSince?: Date
  readonly drain?: DrainDocument
  readonly lifecycle?: LifecycleDocument
  readonly probes?: ProbesDocument
}

const checkDocument = (check: CheckVerdict, context: StatusContext): CheckDocument => {
  const { name, finding, at, effect, because, hold } = check
  const tookMs = context.tookMsOf(name)
  const isoOf = (time: number): string => context.dateOf(time).toISOString()
  return {
    status: finding.status,
    componentType: context.componentTypeOf(name),
    ...(at !== undefined && { time: isoOf(at) }),
    ...(tookMs !== undefined && { observedValue: toTenths(tookMs), observedUnit: 'ms' }),
    ...(effect !== finding.status && { effect }),
    ...(because && { because }),
    ...(finding.status !== 'pass' && { output: finding.message, reason: finding.reason }),
    ...(hold && { cause: hold.cause }),
    ...(hold && { heldSince: isoOf(hold.since) }),
    ...(hold && Number.isFinite(hold.until) && { heldUntil: isoOf(hold.until) }),
    ...(finding.evidence && { evidence: finding.evidence }),
  }
}

export const statusDocument = (verdict: Verdict, context: StatusContext): StatusDocument => ({
  status: verdict.status,
  phase: verdict.phase,
  ...(context.app !== undefined && { serviceId: context.app }),
  ...(context.release !== undefined && { releaseId: context.release }),
  version: '1',
  ...(verdict.output !== undefined && { output: verdict.output }),
  ...(context.answeredSince && { since: context.answeredSince.toISOString() }),
  ...(context.startup && { startup: context.startup }),
  ...(context.drain && { drain: context.drain }),
  ...(context.lifecycle && { lifecycle: context.lifecycle }),
  ...(context.probes && { probes: context.probes }),
  ...(context.notes.length > 0 && { notes: context.notes }),
  checks: Object.fromEntries(verdict.checks.map(check => [check.name, [checkDocument(check, context)]])),
})
