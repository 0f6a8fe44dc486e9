/** A migration by app and name, as in Django's table: `catalog.0002_price`. An app's label has no dot. */
export type MigrationKey = string

export const migrationKey = (app: string, name: string): MigrationKey => `${app}.${name}`

/** What a release ships: every migration that Django would find, with the migrations that it replaces. */
export type ShippedMigrations = ReadonlyMap<MigrationKey, readonly MigrationKey[]>
