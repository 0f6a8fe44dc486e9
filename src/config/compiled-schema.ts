import { Ajv } from 'ajv'
import type { Static } from '../schema/vocabulary.ts'
import { configSchema } from './schema.ts'

/** How the schema is compiled, here and by the build, which puts the compiled code in place of this module. */
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
  // what config/rules.ts reads
  return ajv.addVocabulary(['secret', 'unit', 'matcher']).addFormat('regex', true)
}

/** Holds a value against the schema of the configuration; leaves what is wrong in its `errors`. */
export const isValid = createAjv().compile<Static<typeof configSchema>>(configSchema)
