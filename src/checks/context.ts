import type { InstanceMetadata } from '../connect/instance-metadata.ts'
import type { Databases } from '../postgres/databases.ts'

/** What the program lends to its checks. */
export interface CheckContext {
  /** One read-only connection a database, shared by the checks that ask it. */
  readonly databases: Databases
  readonly metadata: InstanceMetadata
}

/** What a check needs that asks databases alone. */
export type DatabaseContext = Pick<CheckContext, 'databases'>
