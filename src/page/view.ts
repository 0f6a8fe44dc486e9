import type { StatusDocument } from '../status/status-document.ts'
import type { Summary } from '../status/summary.ts'
import type { Guidance } from './guide.ts'
import type { Headline } from './headline.ts'
import type { Past } from './past.ts'
import type { Window } from './window.ts'

/** Which host this is. */
export interface HostFacts {
  readonly name: string
  /** ISO times of its boot, and of the daemon's start */
  readonly bootedAt: string
  readonly startedAt: string
  /** of the daemon */
  readonly version: string
  readonly pid: number
}

/** Everything that the page shows. */
export interface View {
  readonly document: StatusDocument
  readonly summary: Summary
  readonly headline: Headline
  readonly now: Date
  readonly host: HostFacts
  /** a sentence if the history cannot be read */
  readonly past: Past | string
  readonly window: Window
  readonly guide: ReadonlyMap<string, Guidance>
}
