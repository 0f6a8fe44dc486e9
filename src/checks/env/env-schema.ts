import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import envSchema from 'env-schema'
import { isMapping, parseJson } from '../../lib/json.ts'

/** What a schema holds against an environment. Holds no value. */
export interface Violation {
  readonly kind: 'missing' | 'invalid'
  /** Of a variable; absent where a rule concerns the environment as a whole. */
  readonly name?: string
  readonly rule: string
  /** Whether it stands however the variables that are not known turn out. */
  readonly certain: boolean
}

/** A JSON Schema of an environment. */
export interface EnvSchema {
  readonly ok: true
  readonly required: readonly string[]
  /** Every variable that it speaks of. */
  readonly names: readonly string[]
  /** All that is wrong, at once. Text is coerced to the types that the schema asks for, as env-schema does. */
  validate(values: ReadonlyMap<string, string>): readonly Violation[]
}

export interface UnusableSchema {
  readonly ok: false
  readonly message: string
}

/** env-schema's own options; and the formats, which it leaves to its user. */
const createAjv = (): Ajv => {
  const ajv = new Ajv({
    allErrors: true,
    removeAdditional: true,
    useDefaults: true,
    coerceTypes: true,
    allowUnionTypes: true,
    addUsedSchema: false,
    keywords: [envSchema.keywords.separator],
    ownProperties: true,
    logger: false,
  })
  addFormats.default(ajv)
  return ajv
}

const firstSegment = (pointer: string): string | undefined =>
  pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~')

const violationOf = (error: ErrorObject): Violation => {
  const missing: unknown = error.params['missingProperty']
  const certain = error.schemaPath.startsWith('#/properties/') || error.schemaPath === '#/required'
  const rule = error.message ?? error.keyword
  const name = firstSegment(error.instancePath)
  if (name === undefined && typeof missing === 'string')
    return { kind: 'missing', name: missing, rule, certain }
  return { kind: 'invalid', rule, certain, ...(name !== undefined && { name }) }
}

const unusable = (message: string): UnusableSchema => ({ ok: false, message })

/** Reads the text of a JSON Schema (draft-07, as env-schema takes it). What is wrong with it is a value. */
export const parseEnvSchema = (text: string): EnvSchema | UnusableSchema => {
  const schema = parseJson(text)
  if (!isMapping(schema)) return unusable('it is not a JSON object')
  if ('$async' in schema) return unusable('$async has no meaning for an environment')
  const required: readonly string[] = Array.isArray(schema['required']) ? schema['required'] : []
  const properties: unknown = schema['properties']
  const names = [...new Set([...required, ...Object.keys(isMapping(properties) ? properties : {})])]
  if (names.length === 0) return unusable('it declares no variable')

  const ajv = createAjv()
  const errorsFor = (data: Record<string, string>): readonly ErrorObject[] | Error => {
    try {
      envSchema({ schema, data, env: false, ajv })
      return []
    } catch (error) {
      if (!(error instanceof Error)) throw error
      return 'errors' in error && Array.isArray(error.errors) ? error.errors : error
    }
  }
  // The first use compiles the schema.
  const trial = errorsFor({})
  if (trial instanceof Error) return unusable(`it cannot be compiled: ${trial.message}`)

  const validate = (values: ReadonlyMap<string, string>): readonly Violation[] => {
    const errors = errorsFor(Object.fromEntries(values))
    if (errors instanceof Error) throw errors
    return errors.map(violationOf)
  }
  return { ok: true, required, names, validate }
}
