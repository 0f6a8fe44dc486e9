import type { Moment } from '../history/moment.ts'
import type { Counts } from '../history/record.ts'
import type { Entry } from '../history/story.ts'

/** What `--json` prints without `--at`. */
export interface Explained {
  /** ISO */
  readonly from: string
  readonly to: string
  /** where things stood when it began; absent if the history begins later */
  readonly before?: Moment
  readonly entries: readonly Entry[]
  /** who got which answer before the first change of it */
  readonly probesBefore: Counts
  /** all requests in this time, by the status that they got */
  readonly probes: Counts
  /** where things stand at its end */
  readonly now: Moment
  /** whether the daemon says that; else it is what the last record says */
  readonly isLive: boolean
  readonly notes: readonly string[]
}

/** What `--json` prints with `--at`. */
export interface ExplainedMoment {
  readonly at: Moment
  /** the changes before and after it */
  readonly before?: Entry
  readonly after?: Entry
  readonly notes: readonly string[]
}
