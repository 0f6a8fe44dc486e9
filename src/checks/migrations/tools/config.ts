import type { DatabaseSource } from '../../../postgres/database-source.ts'
import type { Schemas } from '../schemas.ts'
import { Text, Type } from '../../../schema/vocabulary.ts'
import { fileTools, manifestTools } from './tools.ts'

export type FileTool = keyof typeof fileTools
export type ManifestTool = keyof typeof manifestTools

/** The configuration of a tool other than Django. */
export interface ToolConfig {
  readonly tool: FileTool | ManifestTool | 'custom'
  readonly database: DatabaseSource
  readonly schema?: Schemas
  readonly directory?: string
  readonly directories?: readonly string[]
  readonly manifest?: string
  readonly table?: string
  readonly column?: string
  readonly pattern?: string
  readonly key?: string
  readonly exclude?: readonly string[]
  readonly accept_ahead?: boolean
  readonly allow_release_without_migrations?: boolean
}

export const fileToolNames = Object.keys(fileTools)
/** Tools whose table holds names of files, so that `pattern` and `key` can say how. */
export const namedFileToolNames = ['knex', 'node-pg-migrate', 'sequelize', 'umzug', 'laravel']
export const manifestToolNames = Object.keys(manifestTools)

/** The keys of these tools, without `tool`, `database` and `manifest`, which Django has too. */
export const toolKeys = {
  directory: Type.Optional(Text({ description: 'the directory of the migrations' })),
  directories: Type.Optional(
    Type.Array(Text({ description: 'a directory of migrations' }), {
      minItems: 1,
      description: 'a list of directories of migrations',
    }),
  ),
  table: Type.Optional(
    Text({
      description: 'the name of the table of migrations, or schema.name, if it is not the default',
      pattern: '^[^."]+(\\.[^."]+)?$',
    }),
  ),
  column: Type.Optional(
    Text({ description: 'the column of the table that names the migration', pattern: '^[^"]+$' }),
  ),
  pattern: Type.Optional(
    Type.String({
      format: 'regex',
      description:
        'a regular expression for the names of migration files, whose first group is what the table holds',
    }),
  ),
  key: Type.Optional(
    Text({
      description:
        'what the table holds for a file, with $1 for the first group of pattern: DoctrineMigrations\\$1',
      pattern: '\\$[1-9]',
    }),
  ),
  accept_ahead: Type.Optional(
    Type.Boolean({
      description:
        'true or false: whether a revision that the release does not ship is taken as newer than all that it ships',
    }),
  ),
  allow_release_without_migrations: Type.Optional(
    Type.Boolean({
      description:
        'true or false: whether a release may ship no migration at all, as after schema:dump --prune; the table must have rows',
    }),
  ),
}
