import type { DatabaseSource } from '../../../postgres/database-source.ts'
import { Text, Type } from '../../../schema/vocabulary.ts'
import { fileTools, manifestTools } from './tools.ts'

export type FileTool = keyof typeof fileTools
export type ManifestTool = keyof typeof manifestTools

/** The configuration of a tool other than Django. */
export interface ToolConfig {
  readonly tool: FileTool | ManifestTool | 'custom'
  readonly database: DatabaseSource
  readonly directory?: string
  readonly directories?: readonly string[]
  readonly manifest?: string
  readonly table?: string
  readonly column?: string
  readonly pattern?: string
}

export const fileToolNames = Object.keys(fileTools)
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
}
