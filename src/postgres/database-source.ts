import { Format } from '../env-file/format.ts'
import { Mapping, Text, Type } from '../schema/vocabulary.ts'
import type { Static } from '../schema/vocabulary.ts'

/** A login that has a password, in its place or among the parameters. */
const PASSWORD = String.raw`[^/?#]*//[^/?#@]*:[^/?#]*@|[^#]*[?&]password=`

/** Where a database's URL comes from: given as it is, or taken from the very file that the app reads. */
export const databaseSourceSchema = Type.Union(
  [
    Text({ description: 'a URL: postgres://user:password@host:port/name', secret: 'url' }),
    Mapping({
      env_file: Text({ description: 'path of an environment file' }),
      variable: Text({ description: 'name of the variable that holds the URL' }),
      format: Type.Optional(Format),
    }),
    Mapping({
      url: Text({
        description: 'a URL that holds no password: postgres://user@host:port/name',
        pattern: `^(?!${PASSWORD})`,
        secret: 'url',
      }),
      password_file: Text({ description: 'path of a file that holds the password and nothing else' }),
    }),
  ],
  {
    description:
      'a URL such as postgres://user@host/name, { env_file, variable, format }, or { url, password_file }',
    secret: 'url',
  },
)

export type DatabaseSource = Static<typeof databaseSourceSchema>
