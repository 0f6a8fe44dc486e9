import { Ajv } from 'ajv'
import type { AnySchema } from 'ajv'
import type { Static } from '../schema/vocabulary.ts'
import { checkSchemas } from './check-schemas.ts'
import { checksSchema, configSchema } from './schema.ts'

/**
 * The schema with a schema for each check type beside it. Its code is then a function for each of them, which V8 compiles if
 * there is such a check: in one function, they are more code than the rest of a short command.
 */
const separated = (ajv: Ajv): AnySchema => {
  const oneOf = checkSchemas.map(schema => {
    const { type } = schema.properties
    ajv.addSchema(schema, type.const)
    return { properties: { type }, $ref: type.const }
  })
  return { ...configSchema, properties: { ...configSchema.properties, checks: checksSchema(oneOf) } }
}

/** The compiler of the schema `config`, for this module and for the build, which replaces this module by compiled code. */
export const createAjv = (): Ajv => {
  const code = { source: true, esm: true }
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    messages: false,
    discriminator: true,
    allowUnionTypes: true,
    inlineRefs: false,
    code,
  })
  // read by config/rules.ts and others, not by Ajv
  ajv.addVocabulary(['secret', 'unit', 'matcher']).addFormat('regex', true)
  return ajv.addSchema(separated(ajv), 'config')
}

/** Validates a value against the schema of the configuration. The errors are in its property `errors`. */
export const isValid = createAjv().compile<Static<typeof configSchema>>({ $ref: 'config' })
