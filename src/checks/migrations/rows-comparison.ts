import type { Comparison } from './comparison.ts'
import type { MigrationsProblem } from './reasons.ts'

export interface TableRows<Row> {
  readonly rows: readonly Row[]
  readonly standby: boolean
  /** The table that they are from, as SQL. */
  readonly table: string
  /** Whether what an earlier run saw of this table may count: not if several tables are compared. */
  readonly mayRemember: boolean
}

/** Compares the rows of one table with what was found in the release. */
export type JudgeRows<Row> = (found: TableRows<Row>) => Comparison | MigrationsProblem

/** How one configured tool compares: where its rows are, and what they mean. */
export interface RowsComparison<Row extends Record<string, unknown>> {
  /** The table, as SQL. */
  readonly table: string
  /** Selects the rows of a table; no semicolon at its end. */
  readonly select: (table: string) => string
  /** The command that applies pending migrations. */
  readonly remedy: string
  /** Whether the tool takes another table's name from its URL. */
  readonly isNamedByUrl?: boolean
  /** Reads what the release ships. */
  prepare(): Promise<
    | { readonly ok: true; readonly judge: JudgeRows<Row> }
    | { readonly ok: false; readonly problem: MigrationsProblem }
  >
}
