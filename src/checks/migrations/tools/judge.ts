import type { MigrationsProblem } from '../reasons.ts'
import type { Judge, Judgement, Row, Shipped } from './tool.ts'

const keysOf = (rows: readonly Row[]): Set<string> =>
  new Set(rows.flatMap(({ key, applied }) => (applied && key !== null ? [key] : [])))

const byInteger = (a: string, b: string): number => {
  const difference = BigInt(a) - BigInt(b)
  return difference === 0n ? 0 : difference < 0n ? -1 : 1
}

const largest = (keys: Iterable<string>, order: (a: string, b: string) => number): string | undefined =>
  [...keys].sort(order).at(-1)

/**
 * Each migration has its own row. `order` is for tools with a baseline: everything up to the baseline counts as applied.
 */
export const bySet =
  (order?: (a: string, b: string) => number): Judge =>
  (shipped, rows) => {
    const applied = keysOf(rows)
    const checksums = new Map(rows.map(({ key, checksum }) => [key, checksum]))
    const baselines = rows.flatMap(({ key, baseline }) => (baseline && key !== null ? [key] : []))
    const baseline = order && largest(baselines, order)
    const isApplied = ({ key, checksum }: Shipped): boolean => {
      if (checksum !== undefined) return applied.has(key) && checksums.get(key) === checksum
      return applied.has(key) || (order && baseline !== undefined ? order(key, baseline) <= 0 : false)
    }
    const explained = new Set([...shipped.map(({ key }) => key), ...baselines])
    return {
      pending: shipped.filter(migration => !isApplied(migration)).map(({ name }) => name),
      extra: [...applied].filter(key => !explained.has(key)).sort(),
    }
  }

/** The table holds the version that the database has reached. Keys are whole numbers. */
export const byMaximum: Judge = (shipped, rows) => {
  const reached = largest(keysOf(rows), byInteger)
  const newest = largest(
    shipped.map(({ key }) => key),
    byInteger,
  )
  const isAhead = reached !== undefined && newest !== undefined && byInteger(reached, newest) > 0
  const pending = shipped.filter(({ key }) => reached === undefined || byInteger(key, reached) > 0)
  return {
    pending: pending.sort((a, b) => byInteger(a.key, b.key)).map(({ name }) => name),
    extra: isAhead ? [reached] : [],
  }
}

const ancestors = (heads: Iterable<string>, shipped: ReadonlyMap<string, Shipped>): Set<string> => {
  const reached = new Set<string>()
  const left = [...heads]
  for (let key = left.pop(); key !== undefined; key = left.pop()) {
    if (reached.has(key)) continue
    reached.add(key)
    left.push(...(shipped.get(key)?.parents ?? []))
  }
  return reached
}

const ahead = (unknown: readonly string[]): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_AHEAD',
  message: `the database is at ${unknown.join(', ')}, which this release does not ship, so its ancestors are unknown: a newer release has migrated it, or it is another app's database`,
  evidence: { extra: unknown },
})

/**
 * The table names the heads; their ancestors are applied. The ancestors of a head that is not shipped are unknown. But if
 * an earlier run saw all these migrations applied, the database can only have moved on from there.
 */
export const createByHeads = (): Judge => {
  let complete: string | undefined
  return (shipped, rows): Judgement | MigrationsProblem => {
    const byKey = new Map(shipped.map(migration => [migration.key, migration]))
    const release = [...byKey.keys()].sort().join(' ')
    const heads = keysOf(rows)
    const extra = [...heads].filter(key => !byKey.has(key)).sort()
    const applied = ancestors(heads, byKey)
    const pending = [...byKey.keys()].filter(key => !applied.has(key)).sort()
    if (pending.length === 0) complete = release
    else if (extra.length > 0) return complete === release ? { pending: [], extra } : ahead(extra)
    return { pending, extra }
  }
}
