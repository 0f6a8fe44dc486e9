import type { DatabaseProblem } from './reasons.ts'

export interface Query {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly signal: AbortSignal
}

/** Rows, or why there are none: a database that does not answer is a finding, not an error of the program. */
export type QueryAnswer<Row> =
  | { readonly ok: true; readonly rows: readonly Row[] }
  | { readonly ok: false; readonly problem: DatabaseProblem }
