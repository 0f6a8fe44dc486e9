import type { ErrorObject } from 'ajv'
import type { Static } from '../schema/vocabulary.ts'
import { isValid } from './compiled-schema.ts'
import type { Mistake } from './config-error.ts'
import { convertUnits } from './convert-units.ts'
import { configSchema } from './schema.ts'
import { quote } from './quote.ts'
import { formatPath, isPlainWord } from './source.ts'
import type { Path, Source } from './source.ts'
import { isMapping } from '../lib/json.ts'
import { meantBy, secretIn, memberSchema, typeOf, walkSchema } from './walk-schema.ts'
import type { SchemaNode } from './walk-schema.ts'

export type ValidConfig = Static<typeof configSchema>

export type Validation =
  | { readonly ok: true; readonly config: ValidConfig }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] }

/** Adds the defaults of the schema, in place. */
export const applyDefaults = (value: unknown): void =>
  walkSchema(value, configSchema, (mapping, schema) => {
    if (!isMapping(mapping)) return
    for (const key of Object.keys(schema?.properties ?? {})) {
      const fallback = schema && memberSchema(schema, key)?.default
      if (fallback !== undefined) mapping[key] ??= structuredClone(fallback)
    }
  })

/**
 * Validates a configuration with its defaults against the schema. Durations become milliseconds and sizes bytes. Text
 * from the environment is converted, in place, to the type that the schema expects.
 */
export const validate = (value: unknown, source: Source): Validation => {
  if (!isValid(value)) {
    coerce(value, isValid.errors ?? [], source)
    if (!isValid(value)) return { ok: false, mistakes: mistakesOf(isValid.errors ?? [], { value, source }) }
  }
  const config = structuredClone(value)
  convertUnits(config)
  return { ok: true, config }
}

const pathOf = (error: ErrorObject): Path => stepsOf(error.instancePath)

const stepsOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(step => (/^\d+$/.test(step) ? Number(step) : step))

/** Converts text from the environment to the expected types, in place. */
const coerce = (data: unknown, errors: readonly ErrorObject[], source: Source): void => {
  for (const error of errors) {
    const path = pathOf(error)
    if (error.keyword !== 'type' || !source.isFilledIn(path)) continue
    const key = path.at(-1)
    const parent = path.slice(0, -1).reduce<unknown>(memberOf, data)
    const text = key === undefined ? undefined : memberOf(parent, key)
    const value = typeof text === 'string' ? readAs(text, String(error.params['type'])) : undefined
    if (value === undefined || key === undefined) continue
    if (Array.isArray(parent)) parent[Number(key)] = value
    else if (isMapping(parent)) parent[key] = value
  }
}

const memberOf = (value: unknown, key: string | number): unknown => {
  if (Array.isArray(value)) return value[Number(key)]
  return isMapping(value) ? value[key] : undefined
}

const readAs = (text: string, type: string): unknown => {
  if (type === 'boolean') return { true: true, false: false }[text]
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  return type === 'array' ? text.split(/[\s,]+/).filter(item => item !== '') : undefined
}

const mistakesOf = (errors: readonly ErrorObject[], { value, source }: Checked): Mistake[] => {
  const secret = new Set<string>()
  walkSchema(
    value,
    configSchema,
    (_value, schema, path) => void (secretIn(schema) && secret.add(formatPath(path))),
  )
  const isHidden = (path: Path) => source.isFilledIn(path) || secret.has(formatPath(path))
  const first = errors.slice(0, MAX_ERRORS)
  return first.filter(error => isReported(error, first)).map(error => mistakeOf(error, { source, isHidden }))
}

/** Each is compared with all others. */
const MAX_ERRORS = 500

/**
 * Whether to report an error. If no alternative of a union matches, report the union; but if a mapping was given and one
 * alternative is a mapping, report what is wrong inside it.
 */
const isReported = (error: ErrorObject, errors: readonly ErrorObject[]): boolean => {
  if (error.keyword === 'if') return false
  if (error.keyword === 'discriminator' && error.params['tagValue'] === undefined) return false
  if (isUnion(error) && errors.some(other => isInside(error, other))) return false
  const around = errors.find(union => isUnion(union) && isNested(union, error))
  return !around || isInside(around, error)
}

const isUnion = ({ keyword }: ErrorObject): boolean => keyword === 'anyOf' || keyword === 'oneOf'

/** Whether an error comes from an alternative of a union. */
const isNested = (union: ErrorObject, { schemaPath, instancePath }: ErrorObject): boolean =>
  schemaPath.startsWith(`${union.schemaPath}/`) && `${instancePath}/`.startsWith(`${union.instancePath}/`)

/** Whether an error is about a member of the mapping that was meant, of all alternatives of a union. */
const isInside = (union: ErrorObject, error: ErrorObject): boolean =>
  isNested(union, error) &&
  isMapping(union.data) &&
  alternativeOf(union, error) === meantBy(schemaOf(union), union.data) &&
  (error.instancePath !== union.instancePath || error.keyword !== 'type')

/** The alternative of a union that a nested error comes from. */
const alternativeOf = (union: ErrorObject, { schemaPath }: ErrorObject): object | undefined =>
  alternatives(schemaOf(union))[Number.parseInt(schemaPath.slice(union.schemaPath.length + 1))]

/** The schema whose keyword failed. */
const schemaOf = ({ parentSchema }: ErrorObject): SchemaNode => {
  const node: object | undefined = parentSchema
  return node ?? {}
}

const alternatives = ({ anyOf, oneOf }: SchemaNode): readonly SchemaNode[] => anyOf ?? oneOf ?? []

interface Checked {
  readonly value: unknown
  readonly source: Source
}

interface Shown {
  readonly source: Source
  readonly isHidden: (path: Path) => boolean
}

const mistakeOf = (error: ErrorObject, { source, isHidden }: Shown): Mistake => {
  const path = pathOf(error)
  const schema = schemaOf(error)
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty'])
    const known = schema.properties
      ? `one of ${Object.keys(schema.properties).join(', ')}`
      : schema.description
    const what =
      isPlainWord(key) && !secretIn(schema)
        ? 'unknown key'
        : 'unknown key (not shown, as it may hold a secret; is the blank after a colon missing?)'
    const shownPath = what === 'unknown key' ? [...path, key] : path
    return {
      ...source.mistake([...path, key], `${what}; expected ${known}`, 'key'),
      path: formatPath(shownPath),
    }
  }
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty'])
    const what = memberSchema(schema, key)?.description
    return source.mistake(path, `the key ${key} is missing${what ? `; expected ${what}` : ''}`)
  }
  if (error.keyword === 'discriminator') {
    const types = alternatives(schema).map(branch => String(typeOf(branch)))
    const at = [...path, 'type']
    const found = quote(error.params['tagValue'], isHidden(at))
    return source.mistake(at, `found ${found}; expected ${listOf(types)}`)
  }
  const found = quote(error.data, isHidden(path))
  return source.mistake(path, `found ${found}; expected ${expected(error, schema)}`)
}

const listOf = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join('')

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
}

const expected = ({ keyword, params, schemaPath }: ErrorObject, schema: SchemaNode): string => {
  const branches = alternatives(schema)
  if ((keyword === 'anyOf' || keyword === 'oneOf') && branches.every(({ required }) => required)) {
    const keys = branches.map(({ required }) => (required ?? []).join(' and '))
    return `${keyword === 'oneOf' ? 'exactly one' : 'at least one'} of the keys ${listOf(keys)}`
  }
  if (keyword === 'minItems') return `at least ${String(params['limit'])} in the list`
  if (keyword === 'maxItems') return `at most ${String(params['limit'])} in the list`
  if (keyword === 'minimum') return `at least ${String(params['limit'])}`
  if (keyword === 'type' && !schema.description)
    return typeNames[String(params['type'])] ?? String(params['type'])
  return schema.description ?? `what ${schemaPath} says`
}
