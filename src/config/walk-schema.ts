import { isMapping } from '../lib/json.ts'
import type { Secret } from '../schema/vocabulary.ts'
import type { Path } from './source.ts'

/** The part of JSON Schema that the configuration uses. An `object` is another node. */
export interface SchemaNode {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly description?: string
  readonly secret?: Secret
  readonly unit?: string
  readonly matcher?: boolean
  readonly format?: string
  readonly properties?: Readonly<Record<string, object>>
  readonly patternProperties?: Readonly<Record<string, object>>
  readonly items?: object
  readonly oneOf?: readonly object[]
  readonly anyOf?: readonly object[]
  readonly required?: readonly string[]
}

/** The alternative that a mapping is meant to be: by its `type`, or the first that knows most of its keys. */
export const meantBy = (
  { oneOf, anyOf }: SchemaNode,
  mapping: Readonly<Record<string, unknown>>,
): SchemaNode | undefined => {
  const byType = oneOf?.find(branch => typeOf(branch) === mapping['type'])
  if (byType) return byType
  const known = ({ properties = {} }: SchemaNode) =>
    Object.keys(mapping).filter(key => key in properties).length
  return anyOf
    ?.filter((branch: SchemaNode) => branch.type === 'object')
    .reduce<SchemaNode | undefined>(
      (best, branch) => (best && known(best) >= known(branch) ? best : branch),
      undefined,
    )
}

const chosen = (schema: SchemaNode, value: unknown): SchemaNode =>
  isMapping(value) ? (meantBy(schema, value) ?? schema) : schema

/** The `type` that an alternative describes. */
export const typeOf = (branch: SchemaNode): unknown => memberSchema(branch, 'type')?.const

/** The schema of a mapping's member. */
export const memberSchema = (
  { properties, patternProperties }: SchemaNode,
  key: string,
): SchemaNode | undefined => properties?.[key] ?? Object.values(patternProperties ?? {})[0]

/** Whether a value of this schema, or a member of it, is a secret. */
export const secretIn = (schema: SchemaNode | undefined): Secret | undefined =>
  schema?.secret ?? (schema && memberSchema({ ...schema, properties: {} }, '')?.secret)

/**
 * Calls `visit` for a value, then for everything inside it, each with its schema if there is one. `visit` may change the
 * members of a mapping before they are visited.
 */
export const walkSchema = (
  value: unknown,
  schema: object | undefined,
  visit: (value: unknown, schema: SchemaNode | undefined, path: Path) => void,
  path: Path = [],
): void => {
  const node = schema && chosen(schema, value)
  visit(value, node, path)
  if (Array.isArray(value)) value.forEach((item, i) => walkSchema(item, node?.items, visit, [...path, i]))
  else if (isMapping(value))
    for (const [key, member] of Object.entries(value))
      walkSchema(member, node && memberSchema(node, key), visit, [...path, key])
}
