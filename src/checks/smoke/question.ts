import type { SmokeProblem } from './reasons.ts'
import type { SmokeRequest } from './exchange.ts'
import type { Expectation } from './expectation.ts'
import type { Target } from '../../connect/target.ts'

/** One request, and what is expected of its answer. */
export interface Question {
  readonly target: Target
  readonly request: SmokeRequest
  readonly expectation: Expectation
  /** How messages name the request, such as `GET / on http+unix:/run/app.sock`. It leaves out the query. */
  readonly subject: string
}

/** A problem, before what it rests on is added. */
export type Judgement = Omit<SmokeProblem, 'evidence'>
