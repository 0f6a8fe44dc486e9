import { EnvFilePath } from '../env-file/file-source.ts'
import { Format } from '../env-file/format.ts'
import { Mapping, Text, Type } from '../schema/vocabulary.ts'
import type { Static } from '../schema/vocabulary.ts'
import { sslModes } from './login.ts'

/** A login that has a password, in its place or among the parameters. */
const PASSWORD = String.raw`[^/?#]*//[^/?#@]*:[^/?#]*@|[^#]*[?&]password=`

const VARIABLE = '^[A-Za-z_][A-Za-z0-9_.-]*$'

const variable = (what: string) =>
  Text({ description: `name of the variable that holds the ${what}`, pattern: VARIABLE })

const files = {
  env_file: Type.Union(
    [
      Text({ description: 'path of an environment file' }),
      Type.Array(EnvFilePath, { minItems: 1, description: 'environment files' }),
    ],
    { description: 'an environment file, or several: a later one overrides an earlier one' },
  ),
  format: Type.Optional(Format),
}

const overrides = {
  schema: Type.Optional(
    Text({ description: "schema whose tables count, in place of the app's own search_path" }),
  ),
  sslmode: Type.Optional(Type.Enum([...sslModes], { description: sslModes.join(', ') })),
}

/** Where the login of a database comes from: given as a URL, or taken from the very files that the app reads. */
export const databaseSourceSchema = Type.Union(
  [
    Text({ description: 'a URL: postgres://user:password@host:port/name', secret: 'url' }),
    Mapping({
      ...files,
      variable: Text({ description: 'name of the variable that holds the URL' }),
      host: Type.Optional(
        Text({
          description: "host, or host:port, in place of the URL's",
          pattern: String.raw`^[\w./:,@%\[\]-]+$`,
        }),
      ),
      ...overrides,
    }),
    Mapping({
      ...files,
      host: Type.Optional(variable('host')),
      port: Type.Optional(variable('port')),
      user: Type.Optional(variable('user')),
      password: Type.Optional(variable('password')),
      name: variable('name of the database'),
      ...overrides,
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
      'a URL such as postgres://user@host/name, { env_file, variable, format }, { env_file, host, port, user, password, name } with names of variables, or { url, password_file }',
    secret: 'url',
  },
)

export type DatabaseSource = Static<typeof databaseSourceSchema>
