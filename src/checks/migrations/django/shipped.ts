import type { MigrationsProblem } from '../reasons.ts'
import type { ShippedMigrations } from './migration-key.ts'

/** What this host's release ships, or why it cannot be told. */
export type ShippedMigrationsAnswer =
  | {
      readonly ok: true
      readonly shipped: ShippedMigrations
      /** Of the Django that wrote the manifest. */
      readonly djangoVersion?: string
    }
  | { readonly ok: false; readonly problem: MigrationsProblem }

/** Reads what the release ships. A later read reads only what has changed. */
export interface ShippedMigrationsReader {
  read(): Promise<ShippedMigrationsAnswer>
}

/** A reader with at most one read in flight. A second caller joins it, so a hung file system blocks one read only. */
export const oneAtATime = (reader: ShippedMigrationsReader): ShippedMigrationsReader => {
  let inFlight: Promise<ShippedMigrationsAnswer> | undefined
  return {
    read: () => {
      inFlight ??= reader.read().finally(() => {
        inFlight = undefined
      })
      return inFlight
    },
  }
}
