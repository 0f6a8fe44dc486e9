import type { MigrationsProblem } from './reasons.ts'
import type { DatabaseSource } from '../../postgres/database-source.ts'
import type { Databases } from '../../postgres/databases.ts'

export type TableAnswer<Row> =
  | { readonly ok: true; readonly rows: readonly Row[]; readonly standby: boolean }
  | { readonly ok: false; readonly problem: MigrationsProblem }

/** The name is a value of the source, and is not shown. */
const ELSEWHERE: MigrationsProblem = {
  status: 'unknown',
  reason: 'MIGRATIONS_UNREADABLE',
  cause: 'local',
  message:
    'the URL of the database names another table by x-migrations-table; set the key table to that name',
}

/** The table in which a tool records the migrations that it has applied. */
export interface MigrationsTable<Row> {
  rows(signal: AbortSignal): Promise<TableAnswer<Row>>
}

/**
 * Reads the rows of a tool's table. The first run also asks whether the table exists, under the search_path that the
 * app's own session would have. While the rows can be read, that is not asked again: a run costs one query.
 */
export const createMigrationsTable = <Row extends Record<string, unknown>>(
  databases: Databases,
  table: {
    readonly source: DatabaseSource
    /** As SQL: `django_migrations`, `"SequelizeMeta"`, `drizzle.__drizzle_migrations`. */
    readonly name: string
    /** Selects the rows; no semicolon at its end. */
    readonly select: string
    /** The command that creates the table, such as `manage.py migrate`. */
    readonly remedy: string
    /** Whether the tool takes another table's name from its URL. */
    readonly isNamedByUrl?: boolean
  },
): MigrationsTable<Row> => {
  let present = false

  const ask = <Answer extends Record<string, unknown>>(
    text: string,
    signal: AbortSignal,
    values: readonly unknown[] = [],
  ) => databases.query<Answer>(table.source, { text, values, signal })

  const missing = async (signal: AbortSignal): Promise<MigrationsProblem | undefined> => {
    const answer = await ask<{ present: boolean }>('SELECT to_regclass($1) IS NOT NULL AS present', signal, [
      table.name,
    ])
    if (!answer.ok) return answer.problem
    if (table.isNamedByUrl && answer.migrationsTable !== undefined) return ELSEWHERE
    present = answer.rows[0]?.present === true
    if (present) return undefined
    return {
      status: 'fail',
      reason: 'MIGRATIONS_TABLE_MISSING',
      message: `the database has no table ${table.name} that this role can see under its search_path, so no migration is applied; run ${table.remedy}`,
    }
  }

  return {
    rows: async signal => {
      const wasPresent = present
      const problem = present ? undefined : await missing(signal)
      if (problem) return { ok: false, problem }

      const answer = await ask<Row & { standby: boolean }>(
        `SELECT pg_is_in_recovery() AS standby, t.* FROM (${table.select}) AS t`,
        signal,
      )
      if (answer.ok)
        return { ok: true, rows: answer.rows, standby: answer.rows.some(({ standby }) => standby) }

      // the table may have been dropped since the last run
      present = false
      const gone =
        wasPresent && answer.problem.reason === 'DATABASE_ERROR' ? await missing(signal) : undefined
      return { ok: false, problem: gone?.status === 'fail' ? gone : answer.problem }
    },
  }
}
