import { Type } from '../schema/vocabulary.ts'
import { defaultDialect, dialects } from './dialect.ts'

/** The configuration key `format`, which goes with every path of an environment file. */
export const Format = Type.Enum([...dialects], {
  description: `${dialects.slice(0, -1).join(', ')} or ${dialects.at(-1)}: who reads the file (default: ${defaultDialect})`,
})
