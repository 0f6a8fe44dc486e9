/**
 * What a source says, as names and values in libpq's terms (manual, "Parameter Key Words"). A later entry overrides an
 * earlier one of the same name.
 */
export type Settings = readonly (readonly [name: string, value: string])[]

/** What a source says. */
export interface Source {
  readonly settings: Settings
  /** The names of its parameters, in order. Those of a URL are behind its ?. */
  readonly parameters: readonly string[]
  /** JDBC gives some parameters another meaning. */
  readonly isJdbc: boolean
}
