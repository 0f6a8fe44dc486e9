import { listNames } from '../../lib/list-names.ts'
import type { Evidence } from '../../core/finding.ts'
import type { MigrationsFinding, MigrationsProblem } from './reasons.ts'

/** What a release ships, compared with what its database records. Names are the tool's, such as `catalog.0002_price`. */
export interface Comparison {
  /** Shipped and not applied, in order. */
  readonly pending: readonly string[]
  /** Applied, but not shipped. This is normal during the rollout of a newer release. */
  readonly extra: readonly string[]
  /** How many of the shipped migrations are applied. */
  readonly applied: number
  /** The database is a standby. A pending migration may only be waiting for replication. */
  readonly standby: boolean
  /** The table that was read, as SQL writes it. */
  readonly table: string
  /** How many schemas have such a table, if several were compared. */
  readonly schemas?: number
  /** The command that applies pending migrations, such as `manage.py migrate`. */
  readonly remedy: string
}

/** Compares once, for one configured tool. Ends soon after `signal` is aborted. */
export type Compare = (signal: AbortSignal) => Promise<Comparison | MigrationsProblem>

/** How many names a finding spells out. */
const NAMED = 20

/** The first names in words, for a message. */
export const naming = (names: readonly string[]): string => listNames(names, NAMED)

/** The first names. If there are more, also the count of all. */
export const listed = (key: string, names: readonly string[]): Evidence => ({
  ...(names.length > 0 && { [key]: names.slice(0, NAMED) }),
  ...(names.length > NAMED && { [`${key}Count`]: names.length }),
})

export const toFinding = (outcome: Comparison | MigrationsProblem, tookMs: number): MigrationsFinding => {
  if ('status' in outcome) return { ...outcome, evidence: { ...outcome.evidence, tookMs } }
  const { pending, extra, applied, standby, table, schemas, remedy } = outcome
  const evidence = {
    ...listed('pending', pending),
    ...listed('extra', extra),
    applied,
    table,
    ...(schemas !== undefined && { schemaCount: schemas }),
    ...(standby && { standby }),
    tookMs,
  }
  if (pending.length === 0) return { status: 'pass', evidence }
  const count = pending.length === 1 ? '1 migration is' : `${pending.length} migrations are`
  const hint = standby
    ? `the database is a standby and may lag; point the check at the primary, or run ${remedy}`
    : `run ${remedy}`
  return {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message: `${count} not applied: ${naming(pending)}; ${hint}`,
    evidence,
  }
}
