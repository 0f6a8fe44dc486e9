/**
 * What a source says, as names and values in libpq's terms (manual, "Parameter Key Words"). A later entry overrides an
 * earlier one of the same name.
 */
export type Settings = readonly (readonly [name: string, value: string])[]

/** A source in words of an operator, such as "DATABASE_URL in /etc/app/env", and what it says. */
export interface Source {
  readonly origin: string
  readonly settings: Settings
  /** JDBC gives some parameters another meaning. */
  readonly isJdbc: boolean
}
