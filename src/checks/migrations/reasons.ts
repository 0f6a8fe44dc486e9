import type { Finding, Problem } from '../../core/finding.ts'
import type { GeneralReason } from '../../core/reason.ts'
import { databaseReasons } from '../../postgres/reasons.ts'

/** Why the check does not pass. */
const own = [
  'MIGRATIONS_PENDING',
  'MIGRATIONS_TABLE_MISSING',
  'MIGRATIONS_TABLE_EMPTY',
  'MIGRATIONS_NONE_FOUND',
  'MIGRATIONS_NOT_READ',
  'MIGRATIONS_SCHEMAS_UNKNOWN',
  'MIGRATIONS_UNREADABLE',
  'MIGRATIONS_DIRECTORY_MISSING',
  'MIGRATIONS_NOT_LITERAL',
  'MIGRATIONS_LABEL_UNKNOWN',
  'MIGRATIONS_SQUASH_NESTED',
  'MIGRATIONS_SQUASH_INCOMPLETE',
  'MIGRATIONS_SQUASH_ROWS_GONE',
  'MIGRATIONS_MANIFEST_MISSING',
  'MIGRATIONS_MANIFEST_INVALID',
  'MIGRATIONS_MANIFEST_STALE',
  'MIGRATIONS_FAILED',
  'MIGRATIONS_DUPLICATED',
  'MIGRATIONS_AHEAD',
] as const

/** Includes the reasons of the database that the check queries. */
export const migrationsReasons = [...own, ...databaseReasons] as const

export type MigrationsReason = (typeof migrationsReasons)[number]
type Reason = MigrationsReason | GeneralReason

export type MigrationsProblem = Problem<Reason>
export type MigrationsFinding = Finding<Reason>
