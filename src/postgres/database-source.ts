import { Format } from '../env-file/format.ts'
import { Mapping, Text, Type } from '../schema.ts'
import type { Static } from '../schema.ts'

/** Where a database's URL comes from: given as it is, or taken from the very file that the app reads. */
export const databaseSourceSchema = Type.Union(
  [
    Text({ description: 'a URL: postgres://user:password@host:port/name', secret: 'url' }),
    Mapping({
      env_file: Text({ description: 'path of an environment file' }),
      variable: Text({ description: 'name of the variable that holds the URL' }),
      format: Type.Optional(Format),
    }),
  ],
  {
    description: 'a URL such as postgres://user@host/name, or { env_file, variable, format }',
    secret: 'url',
  },
)

export type DatabaseSource = Static<typeof databaseSourceSchema>
