import type { DatabaseSource } from '../../postgres/database-source.ts'
import type { Databases } from '../../postgres/databases.ts'
import type { Compare } from './comparison.ts'
import { createMigrationsTable } from './migrations-table.ts'
import type { RowsComparison } from './rows-comparison.ts'
import { readSchemaTables } from './schema-tables.ts'
import { combineSchemas } from './combine-schemas.ts'
import { inSchema } from './schemas.ts'
import type { Schemas } from './schemas.ts'

interface Where {
  readonly databases: Databases
  readonly source: DatabaseSource
  /** The schema, or the schemas, of the table; undefined for the search_path's. */
  readonly schema: Schemas | undefined
}

/** Compares the rows of one table, or of one table in each of several schemas, with what the release ships. */
export const compareRows = <Row extends Record<string, unknown>>(
  comparison: RowsComparison<Row>,
  { databases, source, schema }: Where,
): Compare => {
  const { select, remedy, isNamedByUrl = false } = comparison
  if (schema !== undefined && typeof schema !== 'string')
    return async signal => {
      const prepared = await comparison.prepare()
      if (!prepared.ok) return prepared.problem
      const answer = await readSchemaTables<Row>(comparison, { databases, source, schemas: schema, signal })
      return answer.ok ? combineSchemas(answer, { judge: prepared.judge, remedy }) : answer.problem
    }

  const name = schema === undefined ? comparison.table : inSchema(schema, comparison.table)
  const table = createMigrationsTable<Row>(databases, {
    source,
    name,
    select: select(name),
    remedy,
    isNamedByUrl,
  })
  return async signal => {
    const prepared = await comparison.prepare()
    if (!prepared.ok) return prepared.problem
    const answer = await table.rows(signal)
    if (!answer.ok) return answer.problem
    return prepared.judge({ ...answer, table: name, mayRemember: true })
  }
}
