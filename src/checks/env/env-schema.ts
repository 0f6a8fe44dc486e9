import { isMapping, parseJson } from '../../lib/json.ts'

/** A JSON Schema of the app's variables (draft-07, as env-schema accepts it), not compiled yet. */
export interface EnvSchema {
  readonly ok: true
  readonly text: string
  readonly required: readonly string[]
  /** Every variable that it mentions. */
  readonly names: readonly string[]
}

export interface UnusableSchema {
  readonly ok: false
  readonly message: string
}

const unusable = (message: string): UnusableSchema => ({ ok: false, message })

/** What a JSON Schema declares. Never throws: a bad schema is a value. */
export const readEnvSchema = (text: string): EnvSchema | UnusableSchema => {
  const schema = parseJson(text)
  if (!isMapping(schema)) return unusable('it is not a JSON object')
  if ('$async' in schema) return unusable('$async is not supported')
  const { required: mandatory, properties } = schema
  const required = Array.isArray(mandatory) ? mandatory.filter(name => typeof name === 'string') : []
  const names = [...new Set([...required, ...Object.keys(isMapping(properties) ? properties : {})])]
  return names.length === 0 ? unusable('it declares no variable') : { ok: true, text, required, names }
}
