import { listNames } from '../../lib/list-names.ts'
import type { Evidence } from '../../core/finding.ts'
import type { MigrationsFinding, MigrationsProblem } from './reasons.ts'

/** What a release ships beside what its database records. Names are the tool's own, such as `catalog.0002_price`. */
export interface Comparison {
  /** Shipped and not applied, in order. */
  readonly pending: readonly string[]
  /** Applied, and explained by nothing that is shipped: normal while a newer release is being rolled out. */
  readonly extra: readonly string[]
  /** How many of what is shipped are applied. */
  readonly applied: number
  /** The database is a standby: what is pending may only not have been replicated yet. */
  readonly standby: boolean
  /** What applies what is pending, such as `manage.py migrate`. */
  readonly remedy: string
}

/** One tool, configured: compares once. Ends soon after `signal` is aborted. */
export type Compare = (signal: AbortSignal) => Promise<Comparison | MigrationsProblem>

/** How many names a finding spells out. */
const NAMED = 20

/** The first names in words, for a message. */
export const naming = (names: readonly string[]): string => listNames(names, NAMED)

/** The first names, and how many there are where those are not all. */
export const listed = (key: string, names: readonly string[]): Evidence => ({
  ...(names.length > 0 && { [key]: names.slice(0, NAMED) }),
  ...(names.length > NAMED && { [`${key}Count`]: names.length }),
})

export const toFinding = (outcome: Comparison | MigrationsProblem, tookMs: number): MigrationsFinding => {
  if ('status' in outcome) return { ...outcome, evidence: { ...outcome.evidence, tookMs } }
  const { pending, extra, applied, standby, remedy } = outcome
  const evidence = {
    ...listed('pending', pending),
    ...listed('extra', extra),
    applied,
    ...(standby && { standby }),
    tookMs,
  }
  if (pending.length === 0) return { status: 'pass', evidence }
  const count = pending.length === 1 ? '1 migration is' : `${pending.length} migrations are`
  const hint = standby
    ? `the database asked is a standby, which may lag: ask the primary, or run ${remedy}`
    : `run ${remedy}`
  return {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message: `${count} not applied: ${naming(pending)}; ${hint}`,
    evidence,
  }
}
