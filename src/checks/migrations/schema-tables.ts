import type { DatabaseSource } from '../../postgres/database-source.ts'
import type { Databases } from '../../postgres/databases.ts'
import type { MigrationsProblem } from './reasons.ts'
import type { RowsComparison } from './rows-comparison.ts'
import { MAX_SCHEMAS, inSchema, literal } from './schemas.ts'
import type { Schemas } from './schemas.ts'

/** How many tables one statement reads. */
const BATCH = 100

/** Schemas whose tables have the same rows. */
export interface SchemaGroup<Row> {
  readonly schemas: readonly string[]
  readonly rows: readonly Row[]
}

export interface SchemaTables<Row> {
  readonly ok: true
  readonly groups: readonly SchemaGroup<Row>[]
  /** Schemas without the table. */
  readonly missing: readonly string[]
  readonly standby: boolean
  /** The table, without a schema. */
  readonly table: string
}

interface Asked {
  readonly databases: Databases
  readonly source: DatabaseSource
  readonly schemas: Exclude<Schemas, string>
  readonly signal: AbortSignal
}

type Problem = { readonly ok: false; readonly problem: MigrationsProblem }

/**
 * Reads one table in each of many schemas, over one connection. A fingerprint of each table's rows comes first, in bounded
 * statements; the rows themselves are read once for all tables with the same fingerprint.
 */
export const readSchemaTables = async <Row extends Record<string, unknown>>(
  { table, select }: Pick<RowsComparison<Row>, 'table' | 'select'>,
  asked: Asked,
): Promise<SchemaTables<Row> | Problem> => {
  const { databases, source, signal } = asked
  const ask = <Answer extends Record<string, unknown>>(text: string, values: readonly unknown[] = []) =>
    databases.query<Answer>(source, { text, values, signal })

  const named = await namesOf(asked)
  if (!named.ok) return named
  const { names } = named
  const found = await ask<{ name: string; present: boolean; standby: boolean }>(
    `SELECT name, to_regclass(quote_ident(name) || '.' || $2) IS NOT NULL AS present, pg_is_in_recovery() AS standby
     FROM unnest($1::text[]) AS name`,
    [names, table],
  )
  if (!found.ok) return found
  const present = found.rows.filter(row => row.present).map(({ name }) => name)

  const schemasWith = new Map<string, string[]>()
  for (let from = 0; from < present.length; from += BATCH) {
    const each = present.slice(from, from + BATCH).map(
      name =>
        `SELECT ${literal(name)} AS name, encode(sha256(convert_to(coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), ''), 'UTF8')), 'hex') AS fingerprint
         FROM (${select(inSchema(name, table))}) AS r`,
    )
    const answer = await ask<{ name: string; fingerprint: string }>(each.join(' UNION ALL '))
    if (!answer.ok) return answer
    for (const { name, fingerprint } of answer.rows)
      schemasWith.set(fingerprint, [...(schemasWith.get(fingerprint) ?? []), name])
  }

  const groups: SchemaGroup<Row>[] = []
  for (const schemas of schemasWith.values()) {
    const answer = await ask<Row>(select(inSchema(schemas[0] ?? '', table)))
    if (!answer.ok) return answer
    groups.push({ schemas, rows: answer.rows })
  }
  const answered = groups.reduce((count, { schemas }) => count + schemas.length, 0)
  const missing = found.rows.filter(row => !row.present).map(({ name }) => name)
  if (answered + missing.length !== names.length) return unknownSchemas('a schema was not answered for')
  return { ok: true, groups, missing, standby: found.rows.some(({ standby }) => standby), table }
}

/** The names of the schemas, each once. */
const namesOf = async ({
  databases,
  source,
  schemas,
  signal,
}: Asked): Promise<{ readonly ok: true; readonly names: readonly string[] } | Problem> => {
  if (!('query' in schemas)) return { ok: true, names: [...new Set(schemas)] }
  const query = schemas.query.trim().replace(/;$/, '')
  const answer = await databases.query<Record<string, unknown>>(source, {
    text: `SELECT * FROM (${query}\n) AS named LIMIT ${MAX_SCHEMAS + 1}`,
    signal,
  })
  if (!answer.ok) return answer
  const values = answer.rows.map(row => Object.values(row)[0])
  const names = values.filter((value): value is string => typeof value === 'string' && value !== '')
  if (values.length === 0) return unknownSchemas('the query names no schema')
  if (values.length > MAX_SCHEMAS) return unknownSchemas(`the query names more than ${MAX_SCHEMAS} schemas`)
  if (names.length < values.length) return unknownSchemas('the query answers something else than names')
  return { ok: true, names: [...new Set(names)] }
}

const unknownSchemas = (why: string): Problem => ({
  ok: false,
  problem: {
    status: 'unknown',
    reason: 'MIGRATIONS_SCHEMAS_UNKNOWN',
    message: `cannot tell the schemas: ${why}; correct schema`,
  },
})
