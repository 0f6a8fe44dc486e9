import { Mapping, Text, Type } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'

/** More tenants than one database serves well. */
export const MAX_SCHEMAS = 10_000

/** Where the table is: a schema, a list of schemas, or a query that names them. */
export const schemasSchema = Type.Union(
  [
    Text({ description: 'a schema' }),
    Type.Array(Text({ description: 'a schema' }), {
      minItems: 1,
      maxItems: MAX_SCHEMAS,
      uniqueItems: true,
      description: 'a list of schemas',
    }),
    Mapping({ query: Text({ description: 'a SELECT of the names of schemas' }) }),
  ],
  {
    description:
      'a schema, a list of schemas, or { query } with a SELECT of their names: each has a table of its own',
  },
)

export type Schemas = Static<typeof schemasSchema>

/** A table's name in a schema, as SQL. */
export const inSchema = (schema: string, table: string): string =>
  `"${schema.replaceAll('"', '""')}".${table}`

/** A text as SQL writes it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
