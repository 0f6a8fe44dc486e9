import { Ajv } from 'ajv'
import type { Static } from '../schema/vocabulary.ts'
import { configSchema } from './schema.ts'

/** The compiler of the schema, for this module and for the build. The build replaces this module by the compiled code. */
export const createAjv = (): Ajv => {
  const code = { source: true, esm: true }
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    messages: false,
    discriminator: true,
    allowUnionTypes: true,
    code,
  })
  // read by config/rules.ts and others, not by Ajv
  return ajv.addVocabulary(['secret', 'unit', 'matcher']).addFormat('regex', true)
}

/** Validates a value against the schema of the configuration. The errors are in its property `errors`. */
export const isValid = createAjv().compile<Static<typeof configSchema>>(configSchema)
