import { Mapping, Text, Type } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'

export const commandSchema = Mapping({
  command: Type.Array(Text({ description: 'the absolute path of a program, or an argument' }), {
    minItems: 1,
    maxItems: 100,
    description: 'a list of the absolute path of a program and its arguments; no shell reads it',
  }),
  environment: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
      Type.String({ description: 'the value of a variable', secret: true }),
      {
        additionalProperties: false,
        description: "a mapping of variables: the program's whole environment",
      },
    ),
  ),
  show_output: Type.Boolean({
    default: false,
    description: "true or false: whether findings show the first lines of the program's output",
  }),
})

export type CommandConfig = Static<typeof commandSchema>
