import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import envSchema from 'env-schema'
import { isMapping, parseJson } from '../../lib/json.ts'
import { runWithin } from '../../lib/run-within.ts'

/** One rule of a schema that the variables break. Contains no value. */
export interface Violation {
  readonly kind: 'missing' | 'invalid'
  /** The variable; absent if the rule is about all variables together. */
  readonly name?: string
  readonly rule: string
  /** Whether it holds whatever the values of unknown variables are. */
  readonly certain: boolean
}

/** A compiled JSON Schema of the app's variables. */
export interface EnvSchema {
  readonly ok: true
  readonly required: readonly string[]
  /** Every variable that it mentions. */
  readonly names: readonly string[]
  /**
   * All violations at once. Text is coerced to the types of the schema, as env-schema does. Throws a TimeLimitError if a
   * pattern takes too long.
   */
  validate(values: ReadonlyMap<string, string>): readonly Violation[]
}

export interface UnusableSchema {
  readonly ok: false
  readonly message: string
}

/** env-schema's own options, plus the formats, which it leaves to its user. */
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

/** The words of django-environ, decouple and pydantic. env-schema itself knows `true` and `false` alone. */
const booleanWords: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['true', 't', 'yes', 'y', 'on', 'ok', '1'].map(word => [word, 'true'])),
  ...Object.fromEntries(['false', 'f', 'no', 'n', 'off', '0'].map(word => [word, 'false'])),
}

const spelled = (value: string): string => {
  const word = value.trim().toLowerCase()
  return Object.hasOwn(booleanWords, word) ? (booleanWords[word] ?? value) : value
}

const booleanNames = (properties: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(properties).filter(name => {
    const property = properties[name]
    return isMapping(property) && property['type'] === 'boolean'
  })

const unusable = (message: string): UnusableSchema => ({ ok: false, message })

/** Compiles the text of a JSON Schema (draft-07, as env-schema accepts it). Never throws: a bad schema is a value. */
export const parseEnvSchema = (text: string): EnvSchema | UnusableSchema => {
  const schema = parseJson(text)
  if (!isMapping(schema)) return unusable('it is not a JSON object')
  if ('$async' in schema) return unusable('$async is not supported')
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

  const booleans = new Set(isMapping(properties) ? booleanNames(properties) : [])
  const validate = (values: ReadonlyMap<string, string>): readonly Violation[] => {
    const read = Array.from(
      values,
      ([name, value]) => [name, booleans.has(name) ? spelled(value) : value] as const,
    )
    const errors = runWithin(() => errorsFor(Object.fromEntries(read)))
    if (errors instanceof Error) throw errors
    return errors.map(violationOf)
  }
  return { ok: true, required, names, validate }
}
