import type { InstanceMetadata } from '../connect/instance-metadata.ts'
import type { Databases } from '../postgres/databases.ts'

/** What the program lends to its checks. */
export interface CheckContext {
  /** One read-only connection a database, shared by the checks that ask it. */
  readonly databases: Databases
  readonly metadata: InstanceMetadata
  /** Which release is on the host now; undefined while it is not known. Absent if the program follows none. */
  readonly release?: () => string | undefined
  /** Whether the host serves already, as after a restart of the program: checks know nothing of how the app did before. */
  readonly hasServed?: boolean
  /** For how many milliseconds the app of this check had been silent by then. */
  readonly silentForMs?: number
}

/** What a check needs that asks databases alone. */
export type DatabaseContext = Pick<CheckContext, 'databases'>
