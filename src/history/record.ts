import type { Answer } from '../core/answer.ts'
import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Cause, Evidence } from '../core/finding.ts'
import type { Failing, Held } from '../core/host-state.ts'
import type { Phase } from '../core/lifecycle.ts'
import type { PeerView } from '../core/peers.ts'
import type { Status } from '../core/status.ts'
import type { CheckVerdict, Verdict } from '../core/verdict.ts'
import type { DrainDocument } from '../status/status-document.ts'

// The format of history.jsonl. docs/operating.md documents each member; `replay` and other programs rely on them.

/** How many requests got which HTTP status. */
export type Counts = Readonly<Record<string, number>>

/**
 * What changed nothing, and counts all the same. Monotonic milliseconds.
 * - `[at, check]`: a run found the same again. With a `count`: so many did since the one before, none of them late.
 * - `[at, startedAt]`: a round of the start has ended. With `true`, it could not pass whatever the checks found.
 * - `[at]`: the peers said the same again.
 */
export type Run =
  | readonly [at: number, check: string]
  | readonly [at: number, check: string, count: number]
  | readonly [at: number, startedAt: number]
  | readonly [at: number, startedAt: number, isObstructed: true]
  | readonly [at: number]

/** What every record has: where things stand after it. */
export interface RecordBase {
  /** ISO, by the wall clock, which may be set */
  readonly time: string
  /** counts this daemon's records from 1; a gap is what was lost */
  readonly seq: number
  /** of the daemon */
  readonly pid: number
  /** monotonic milliseconds of this daemon: comparable among its own records, whatever is done to the wall clock */
  readonly uptimeMs: number
  readonly bootId?: string
  readonly release?: string
  readonly phase: Phase
  readonly verdict: Verdict['status']
  /** what the verdict answers a probe */
  readonly answer: Answer
  /** ISO time since when the answer has been this one */
  readonly since: string
  /** while starting: rounds that passed in a row, and how many are needed */
  readonly startup?: { readonly rounds: number; readonly needed: number }
  /** requests of the public listener since the record before, by their status; absent if there were none */
  readonly probes?: Counts
  /** since the record before, in their order; runs that found the same more than 20 times in a row are told together */
  readonly runs?: readonly Run[]
  /** members that were left out because the record would be too long */
  readonly omitted?: readonly string[]
}

/** What was in force before. */
interface Before {
  readonly verdictBefore: Verdict['status']
  readonly phaseBefore: Phase
}

/** How a check counts. */
export interface CheckSummary extends Pick<
  CheckPolicy,
  | 'name'
  | 'required'
  | 'gate'
  | 'healthyThreshold'
  | 'unhealthyThreshold'
  | 'dependsOn'
  | 'shared'
  | 'intervalMs'
  | 'freshForMs'
  | 'timeoutMs'
> {
  readonly type: string
  /** a digest of what it asks: of its keys that do not say when it runs, or how it counts */
  readonly asks: string
  /** of smoke */
  readonly patienceMs?: number
}

/** How all checks count together. */
export interface PolicySummary {
  readonly startupHealthyThreshold: number
  /** where in the spread of its `hold` this daemon is, from 0 to 1 */
  readonly spread: number
  /** a digest of `peers`; absent if there are none */
  readonly peers?: string
}

/** What is known of one check. Times are monotonic milliseconds. */
export interface KnownState extends Pick<
  CheckState,
  'name' | 'standing' | 'isStuck' | 'passesInARow' | 'failuresInARow' | 'silentInARow'
> {
  readonly unknown?: CheckState['unknown']
  readonly last?: {
    readonly at: number
    readonly status: Status
    readonly reason?: string
    readonly cause?: Cause
    readonly isEverybodys?: boolean
    readonly progress?: boolean
  }
}

/** What a configuration makes of what checks find. */
export interface Configured {
  /** of the configuration, without its secrets */
  readonly configHash: string
  readonly checks?: readonly CheckSummary[]
  /** absent in records of versions before this member */
  readonly policy?: PolicySummary
}

export interface StartRecord extends Configured {
  readonly event: 'start'
  readonly version: string
  /** whether the latch was found: the host goes on serving */
  readonly latched: boolean
  /** what counted against the host before the restart, and does until it passes; absent if nothing did */
  readonly failing?: readonly Failing[]
  /** the holds that have an end, and go on from before the restart; absent if there are none */
  readonly held?: readonly Held[]
}

/** Why a check counts as something else than it found, and the numbers of that rule. */
export interface RuleOfCheck {
  readonly because?: CheckVerdict['because']
  readonly healthyThreshold?: number
  readonly unhealthyThreshold?: number
  /** ISO time of the end of a hold; absent if it has none */
  readonly heldUntil?: string
}

export interface CheckRecord extends Before, RuleOfCheck {
  readonly event: 'check'
  readonly check: string
  readonly type: string
  readonly status: Status
  readonly reason?: string
  readonly cause?: Cause
  /** true: an `unknown` that peers cannot refute */
  readonly isEverybodys?: boolean
  /** false: a `fail` for lack of progress alone; true: an `unknown` that shows progress */
  readonly progress?: boolean
  readonly message?: string
  readonly evidence?: Evidence
  readonly tookMs: number
  /** what the finding counts as, if that differs */
  readonly effect?: CheckVerdict['effect']
  /** the finding before; absent if there was none */
  readonly statusBefore?: Status
  readonly reasonBefore?: string
  readonly causeBefore?: Cause
  /** how many runs in a row found that */
  readonly timesBefore?: number
}

/** Why a verdict is what it is: the one rule that decided it. */
export type Rule =
  | 'draining'
  | 'starting'
  | 'nothing-required'
  | 'all-pass'
  | 'warning'
  | 'failed'
  | NonNullable<CheckVerdict['because']>

/** A check that decided the verdict. */
export interface Decisive extends RuleOfCheck {
  readonly check: string
  readonly type: string
  readonly status: Status
  readonly reason?: string
  readonly cause?: Cause
}

export interface VerdictRecord extends Before {
  readonly event: 'verdict'
  readonly rule: Rule
  readonly decidedBy: readonly Decisive[]
  readonly output?: string
}

export interface DrainRecord extends Before {
  readonly event: 'drain'
  /** null: it has ended */
  readonly drain: DrainDocument | null
  /** who resumed; absent if it ended by itself, or by its marker */
  readonly by?: string
}

export interface ReleaseRecord extends Before {
  readonly event: 'release'
  readonly releaseBefore?: string
}

export interface ConfigRecord extends Before, Configured {
  readonly event: 'config'
  readonly outcome: 'taken' | 'refused'
  readonly mistakes?: readonly string[]
}

/** What other hosts have said while this one holds. Times are monotonic milliseconds. */
export interface KnownPeers extends Pick<PeerView, 'gapMs' | 'passing' | 'lonely' | 'proved'> {
  /** of the last sweep */
  readonly at: number
}

/** What was said at the start, and all that is known: once an hour, as the oldest records go. */
export interface Snapshot extends Configured {
  readonly states: readonly KnownState[]
  /** as the latest record of a drain has it; absent if that has ended */
  readonly drain?: DrainDocument
  /** absent while they are not asked */
  readonly peers?: KnownPeers
}

/** Nothing has changed for a while. */
export interface AliveRecord extends Partial<Snapshot> {
  readonly event: 'alive'
}

/** What other hosts said while this one held. */
export interface PeersRecord extends Before {
  readonly event: 'peers'
  /** Sweeps running in which every peer that was asked passed, 2 for more; null: they are no longer asked. */
  readonly passing: number | null
  /** In two sweeps running there was no peer to ask. */
  readonly lonely?: true
}

/** `now`: what the daemon says last when it is asked; never stored. */
export interface PlainRecord {
  readonly event: 'stop' | 'now'
}

export type Change =
  | StartRecord
  | CheckRecord
  | VerdictRecord
  | DrainRecord
  | ReleaseRecord
  | ConfigRecord
  | PeersRecord
  | AliveRecord
  | PlainRecord

export type HistoryRecord = RecordBase & Change
