import { Type } from '../schema/vocabulary.ts'
import { defaultDialect, dialects } from './dialect.ts'

/** The key `format` of the configuration, wherever it names an environment file. */
export const Format = Type.Enum([...dialects], {
  description: `${dialects.slice(0, -1).join(', ')} or ${dialects.at(-1)}: who reads the file (${defaultDialect} where not said)`,
})
