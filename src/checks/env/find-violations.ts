import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import envSchema from 'env-schema'
import { isMapping, parseJson } from '../../lib/json.ts'

/** One rule of a schema that the variables break. Contains no value. */
export interface Violation {
  readonly kind: 'missing' | 'invalid'
  /** The variable; absent if the rule is about all variables together. */
  readonly name?: string
  readonly rule: string
  /** Whether it holds whatever the values of unknown variables are. */
  readonly certain: boolean
}

/** A rule can quote a pattern of the schema, and the compiler a good part of the schema. */
const MAX_TEXT_LENGTH = 300

const clip = (text: string): string =>
  text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text

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
  const rule = clip(error.message ?? error.keyword)
  const name = firstSegment(error.instancePath)
  if (name === undefined && typeof missing === 'string')
    return { kind: 'missing', name: missing, rule, certain }
  return { kind: 'invalid', rule, certain, ...(name !== undefined && { name }) }
}

/** The words of django-environ, decouple and pydantic. env-schema itself knows `true` and `false` alone. */
const booleanWords: ReadonlyMap<string, string> = new Map([
  ...['true', 't', 'yes', 'y', 'on', 'ok', '1'].map(word => [word, 'true'] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map(word => [word, 'false'] as const),
])

const spelled = (value: string): string => booleanWords.get(value.trim().toLowerCase()) ?? value

const booleanNames = (properties: unknown): ReadonlySet<string> =>
  new Set(
    Object.entries(isMapping(properties) ? properties : {}).flatMap(([name, property]) =>
      isMapping(property) && property['type'] === 'boolean' ? [name] : [],
    ),
  )

/** A schema, ready to compare variables with. Gives all violations at once. */
export type FindViolations = (values: ReadonlyMap<string, string>) => readonly Violation[]

/**
 * Makes a JSON Schema ready; the first use compiles it. Text is coerced to the types of the schema, as env-schema does. A use
 * throws what the compiler throws. The compiler and the schema's patterns can take for ever.
 */
export const createViolations = (text: string): FindViolations => {
  const schema = parseJson(text)
  if (!isMapping(schema)) throw new TypeError('not a JSON object')
  const booleans = booleanNames(schema['properties'])
  const ajv = createAjv()
  return values => {
    const data = Object.fromEntries(
      Array.from(values, ([name, value]) => [name, booleans.has(name) ? spelled(value) : value]),
    )
    try {
      envSchema({ schema, data, env: false, ajv })
      return []
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if ('errors' in error && Array.isArray(error.errors)) return error.errors.map(violationOf)
      throw new Error(clip(error.message), { cause: error })
    }
  }
}
