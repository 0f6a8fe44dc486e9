import type { Databases } from '../postgres/databases.ts'

/** What the program lends to its checks. */
export interface CheckContext {
  /** One read-only connection a database, shared by the checks that ask it. */
  readonly databases: Databases
}
