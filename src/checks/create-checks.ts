import type { Check, CheckKeys, CheckType, ConfigAround, Contradiction } from '../core/check.ts'
import type { CheckContext } from './context.ts'
import { checkTypes } from './registry.ts'

/** A check as configured: its name, its type, and the keys of its type. */
export interface NamedConfig {
  readonly name: string
  readonly type: string
}

const types: readonly CheckType<never, CheckContext>[] = checkTypes

const typeOf = ({ type }: NamedConfig) => {
  const found = types.find(known => known.type === type)
  if (!found) throw new TypeError(`no type of check is called ${type}`)
  return found
}

/** How the status document classifies what a check looks at. */
export const componentTypeOf = (config: NamedConfig): string => typeOf(config).componentType

/** Whether all hosts use what a check looks at, as far as its type can tell. */
export const looksAtShared = (config: NamedConfig): boolean =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of its type has validated it
  typeOf(config).looksAtShared?.(config as never) ?? false

/** What the type of a check has against its keys. */
export const contradictionsIn = (keys: CheckKeys, around: ConfigAround): readonly Contradiction[] =>
  types.find(({ type }) => type === keys['type'])?.contradictions?.(keys, around) ?? []

/** What a valid configuration of checks gives up, for an operator. */
export const warningsIn = (configs: readonly NamedConfig[]): readonly string[] =>
  configs.flatMap(config =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of its type has validated it
    (typeOf(config).warnings?.(config as never) ?? []).map(warning => `check ${config.name}: ${warning}`),
  )

/** The checks of a valid configuration, by name. `silentForMs`: for how long the app of a check has been silent already. */
export const createChecks = (
  configs: readonly NamedConfig[],
  context: CheckContext,
  silentForMs: ReadonlyMap<string, number | undefined> = new Map(),
): ReadonlyMap<string, Check> => {
  const create = (config: NamedConfig): Check =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of its type has validated it
    typeOf(config).create(config as never, { ...context, silentForMs: silentForMs.get(config.name) ?? 0 })
  return new Map(configs.map(config => [config.name, create(config)]))
}
