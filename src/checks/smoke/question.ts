import type { SmokeProblem } from './reasons.ts'
import type { SmokeRequest } from './exchange.ts'
import type { Expectation } from './expectation.ts'
import type { Target } from './target.ts'

/** One request, and the answer that is expected. */
export interface Question {
  readonly target: Target
  readonly request: SmokeRequest
  readonly expectation: Expectation
  readonly releases: Releases
  /** How messages name the request, such as `GET / on http+unix:/run/app.sock`. It has no query. */
  readonly subject: string
}

/** What is known of the releases on this host. A deployment may change it while a request is in flight. */
export interface Releases {
  /** The one that is on the host; undefined if that is not known. */
  readonly current: () => string | undefined
  /** The one that the page named last. */
  seen: string | undefined
}

/** How messages name the app's socket. */
export const placeOf = ({ target }: Question) => ({ endpoint: target.endpoint, where: target.text })

/** A problem without its evidence. */
export type Judgement = Omit<SmokeProblem, 'evidence'>
