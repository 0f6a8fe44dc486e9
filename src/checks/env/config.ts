import { EnvFilePath } from '../../env-file/file-source.ts'
import { Format } from '../../env-file/format.ts'
import { Mapping, Text, Type } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'

const Process = Type.Union(
  [
    Mapping({ pid_file: Text({ description: 'path of the file that holds the PID of the app' }) }),
    Mapping({
      unit: Text({ description: 'the systemd unit of the app', pattern: '^[A-Za-z0-9:_.@\\\\-]+$' }),
    }),
    Mapping({ socket: Text({ description: 'path of the Unix socket that the app listens on' }) }),
  ],
  { description: 'the running app, compared with the files: { pid_file }, { unit } or { socket }' },
)

export type ProcessConfig = Static<typeof Process>

const Names = (description: string) =>
  Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$' }), {
    minItems: 1,
    uniqueItems: true,
    description,
  })

/** The keys of the check type `env`. */
export const envConfigSchema = Type.Object(
  {
    files: Type.Array(EnvFilePath, {
      minItems: 1,
      description: 'environment files that the app is started with; a later one overrides an earlier one',
    }),
    required: Type.Optional(
      Type.Union([Names('names of variables'), Type.Boolean()], {
        description:
          'a list of names of variables that must be set and not be empty; or, as with every check, false: the check can only warn',
      }),
    ),
    schema: Type.Optional(Text({ description: 'path of a JSON Schema of the environment' })),
    example: Type.Optional(
      Type.Union(
        [
          Text({ description: 'path of an example file' }),
          Mapping({ path: Text({ description: 'path of an example file' }), format: Type.Optional(Format) }),
        ],
        { description: 'an example file such as .env.example: every name in it is required; read as dotenv' },
      ),
    ),
    process: Type.Optional(Process),
    allow_empty: Type.Optional(Names('variables that may be empty')),
    allow_placeholder: Type.Optional(Names('variables whose value may look like a placeholder')),
  },
  {
    additionalProperties: false,
    // Without any requirement the check could never fail.
    anyOf: [
      { required: ['required'], properties: { required: { type: 'array' } } },
      { required: ['schema'] },
      { required: ['example'] },
    ],
  },
)

export type EnvConfig = Static<typeof envConfigSchema>
