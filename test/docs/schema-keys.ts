import { checkTypes } from '../../src/checks/registry.ts'
import { configSchema } from '../../src/config/schema.ts'
import { defaultDialect } from '../../src/env-file/dialect.ts'

/** As much of JSON Schema as tells of keys and defaults. */
interface Node {
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
}

/** Keys, as a table writes them (`expect.status`, `files[].path`), and the cell of each key's default. */
export type Keys = ReadonlyMap<string, string>

const NONE = '–'

/** What a default is where no schema has it: it depends on another key, or on who reads the file. */
const defaultsByRule: Readonly<Record<string, string>> = {
  host: "`localhost`, or the target's `host:port`",
  'files[].format': `\`${defaultDialect}\``,
  'database.format': `\`${defaultDialect}\``,
  'database.env_file[].format': `\`${defaultDialect}\``,
  'example.format': '`dotenv`',
}

const written = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``

const cell = (key: string, { node, isRequired }: { node: Node; isRequired: boolean }): string => {
  if (node.default !== undefined) return written(node.default)
  return defaultsByRule[key] ?? (isRequired ? 'required' : NONE)
}

/** The keys of a mapping; of one within it, with the outer key before; of alternatives, those of each that is a mapping. */
const keysIn = (mapping: Node, prefix = ''): readonly (readonly [string, string])[] =>
  Object.entries(mapping.properties ?? {}).flatMap(([name, node]) => {
    const key = `${prefix}${name}`
    if (node.properties) return keysIn(node, `${key}.`)
    const isRequired = mapping.required?.includes(name) ?? false
    const below = [
      ...(node.anyOf ?? []).flatMap(choice => optional(choice, `${key}.`)),
      ...(node.anyOf ?? []).flatMap(({ items }) =>
        (items?.anyOf ?? []).flatMap(choice => optional(choice, `${key}[].`)),
      ),
      ...(node.items?.anyOf ?? []).flatMap(choice => optional(choice, `${key}[].`)),
    ]
    return [[key, cell(key, { node, isRequired })] as const, ...below]
  })

/** None of the keys of one alternative is required of every configuration. */
const optional = ({ properties = {} }: Node, prefix: string) => keysIn({ properties }, prefix)

/** The keys of the configuration's top. */
export const generalKeys = (): Keys => new Map(keysIn(configSchema as Node))

const branches: readonly Node[] = (configSchema as Node).properties?.['checks']?.items?.oneOf ?? []

/** Each check type: the keys of its own, and all that its checks take. */
const types = checkTypes.map(({ type, schema }, i) => {
  const own: Node = schema
  return { type, own, branch: branches[i] ?? {} }
})

/** The default of a key that every check takes: of most types, then of those that differ. */
const commonDefault = (key: string): string => {
  const typesOf = new Map<string, string[]>()
  // an env check's own `required` has no default: it is another key of the same name
  for (const { type, branch } of types.filter(({ own }) => !(key in (own.properties ?? {})))) {
    const isRequired = branch.required?.includes(key) ?? false
    const value = cell(key, { node: branch.properties?.[key] ?? {}, isRequired })
    typesOf.set(value, [...(typesOf.get(value) ?? []), type])
  }
  const values = [...typesOf].sort(([, a], [, b]) => b.length - a.length)
  return values.map(([value, those], i) => (i === 0 ? value : `${those.join(', ')} ${value}`)).join('; ')
}

/** The keys that every check takes. */
export const commonKeys = (): Keys => {
  const [first, ...others] = types.map(({ branch }) => Object.keys(branch.properties ?? {}))
  const common = (first ?? []).filter(key => others.every(keys => keys.includes(key)))
  return new Map(common.map(key => [key, commonDefault(key)]))
}

/**
 * The keys of each type of check alone. Those below `database` are explained once, with the check type whose only key it
 * is.
 */
export const ownKeys = (): ReadonlyMap<string, Keys> =>
  new Map(
    types.map(({ type, own }) => {
      const isHere = ([key]: readonly [string, string]) => type === 'postgres' || !key.startsWith('database.')
      return [type, new Map(keysIn(own).filter(isHere))]
    }),
  )
