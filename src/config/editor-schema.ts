import { configSchema } from './schema.ts'
import { isMapping } from '../lib/json.ts'

/** Any value may be a reference to the environment, whatever its type. */
const reference = { type: 'string', pattern: String.raw`\$\{` }

/** Removes the keywords that only this program's validation knows. */
const translate = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(translate)
  if (!isMapping(value)) return value
  const { unit: _unit, secret: _secret, discriminator: _discriminator, properties, required, ...rest } = value
  const node = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, translate(member)]))
  if (!isMapping(properties)) return required === undefined ? node : { ...node, required }
  const members = Object.entries(properties)
  node['properties'] = Object.fromEntries(members.map(([key, member]) => [key, orReference(member)]))
  const filledIn = new Set(
    members.filter(([, member]) => isMapping(member) && 'default' in member).map(([key]) => key),
  )
  if (Array.isArray(required)) node['required'] = required.filter(key => !filledIn.has(String(key)))
  return node
}

const orReference = (schema: unknown): unknown => {
  const node = translate(schema)
  if (!isMapping(node) || node['type'] === 'object' || 'const' in node) return node
  const { description, default: fallback, ...plain } = node
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [plain, reference],
  }
}

/** The JSON Schema of the configuration file for editors, from the schema that validates it. */
export const editorSchema = (): unknown => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'health-sidecar',
  ...Object(translate(configSchema)),
})
