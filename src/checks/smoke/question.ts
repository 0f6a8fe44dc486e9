import type { SmokeProblem } from './reasons.ts'
import type { SmokeRequest } from './exchange.ts'
import type { Expectation } from './expectation.ts'
import type { Target } from './target.ts'

/** One request, and the answer that is expected. */
export interface Question {
  readonly target: Target
  readonly request: SmokeRequest
  readonly expectation: Expectation
  /** How messages name the request, such as `GET / on http+unix:/run/app.sock`. It has no query. */
  readonly subject: string
}

/** How messages name the app's socket. */
export const placeOf = ({ target }: Question) => ({ endpoint: target.endpoint, where: target.text })

/** A problem without its evidence. */
export type Judgement = Omit<SmokeProblem, 'evidence'>
