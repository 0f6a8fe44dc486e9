import type { Problem } from '../core/finding.ts'
import type { DatabaseSource } from './database-source.ts'

/** Rows, or why there are none: a database that does not answer is a finding, not an error of the program. */
export type QueryAnswer<Row> =
  { readonly ok: true; readonly rows: readonly Row[] } | { readonly ok: false; readonly problem: Problem }

/** One read-only connection a database, opened when first asked, shared by the checks, closed when idle. */
export interface Databases extends AsyncDisposable {
  query<Row>(
    source: DatabaseSource,
    query: { readonly text: string; readonly values?: readonly unknown[]; readonly signal: AbortSignal },
  ): Promise<QueryAnswer<Row>>
}
