import { databaseSourceSchema } from '../../postgres/database-source.ts'
import { Mapping, Type } from '../../schema/vocabulary.ts'
import { schemasSchema } from './schemas.ts'
import { djangoSchema } from './django/django.ts'
import type { DjangoConfig } from './django/django.ts'
import { fileToolNames, manifestToolNames, namedFileToolNames, toolKeys } from './tools/config.ts'
import type { ToolConfig } from './tools/config.ts'

export type MigrationsConfig = DjangoConfig | ToolConfig

const { tool: _django, database: _database, schema: _schema, ...djangoKeys } = djangoSchema.properties
const tools = ['django', ...fileToolNames, ...manifestToolNames, 'custom']

const mapping = Mapping({
  tool: Type.Unsafe<MigrationsConfig['tool']>({
    type: 'string',
    enum: tools,
    description: `one of ${tools.join(', ')}`,
  }),
  database: databaseSourceSchema,
  schema: Type.Optional(schemasSchema),
  ...djangoKeys,
  ...toolKeys,
})

const notTaken = (keys: readonly string[]) =>
  Object.fromEntries(
    keys.map(key => [key, { not: {}, description: 'no such key: the tool does not take it' }]),
  )

/** The keys that these tools need, and the keys that they do not take. */
const forTools = (
  names: readonly string[],
  { takes, ...needs }: { readonly takes: readonly string[]; readonly [keyword: string]: unknown },
): object => {
  const others = Object.keys({ ...djangoKeys, ...toolKeys }).filter(key => !takes.includes(key))
  return {
    if: { properties: { tool: { enum: names } }, required: ['tool'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: notTaken(others), ...needs },
  }
}

const directories = ['directory', 'directories', 'exclude']
const oneOf = [{ required: ['directory'] }, { required: ['directories'] }]
const EMPTY = 'allow_release_without_migrations'
const takesNames = (name: string) => namedFileToolNames.includes(name)
const otherFileToolNames = fileToolNames.filter(name => name !== 'alembic' && !takesNames(name))

/** The configuration of the check: the keys of all tools, and which tool takes which. */
export const migrationsSchema = {
  ...mapping,
  allOf: [
    {
      if: { required: ['schema'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: {
        properties: {
          tool: {
            not: { enum: ['drizzle', 'atlas'] },
            description: 'a tool whose table has no schema of its own, as schema is set',
          },
          table: {
            type: 'string',
            pattern: '^[^.]*$',
            description: 'the name of the table without a schema, as schema is set',
          },
        },
      },
    },
    forTools(['django'], {
      takes: Object.keys(djangoKeys),
      oneOf: djangoSchema.oneOf,
      if: { not: { required: ['scan'] } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { properties: { exclude: { not: {}, description: 'no such key: it goes with scan' } } },
    }),
    forTools(['alembic'], { takes: [...directories, 'table', 'accept_ahead'], oneOf }),
    forTools(otherFileToolNames, { takes: [...directories, 'table', EMPTY], oneOf }),
    forTools(namedFileToolNames, { takes: [...directories, 'table', EMPTY, 'pattern', 'key'], oneOf }),
    forTools(manifestToolNames, { takes: ['manifest', 'table'], required: ['manifest'] }),
    forTools(['custom'], {
      takes: [...directories, 'manifest', 'table', 'column', 'pattern', 'key', EMPTY],
      required: ['table', 'column'],
      oneOf: [...oneOf, { required: ['manifest'] }],
      allOf: [
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        { if: { not: { required: ['manifest'] } }, then: { required: ['pattern'] } },
      ],
    }),
  ],
}
