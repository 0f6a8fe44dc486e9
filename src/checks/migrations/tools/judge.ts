import type { MigrationsProblem } from '../reasons.ts'
import type { Judge, JudgeOptions, Judgement, Row, Shipped } from './tool.ts'

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
export const byMaximum = (shipped: readonly Shipped[], rows: readonly Row[]): Judgement => {
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

/**
 * Drizzle: the table tells how far the database is, but a migration that is older than the newest row may never have run,
 * for example after a merge. It has run if a row has its time or its hash. What is older than the oldest row was there
 * before Drizzle.
 */
export const byJournal: Judge = (shipped, rows) => {
  const times = keysOf(rows)
  const sorted = [...times].sort(byInteger)
  const [oldest, newest] = [sorted[0], sorted.at(-1)]
  if (oldest === undefined || newest === undefined) return byMaximum(shipped, rows)
  const hashes = new Set(rows.map(({ hash }) => hash))
  const hasRun = ({ key, hash }: Shipped): boolean =>
    times.has(key) || (hash !== undefined && hashes.has(hash))
  const { pending, extra } = byMaximum(shipped, rows)
  const skipped = shipped
    .filter(each => byInteger(each.key, oldest) > 0 && byInteger(each.key, newest) < 0 && !hasRun(each))
    .map(({ name }) => name)
  if (skipped.length === 0) return { pending, extra }
  const remedy = `drizzle-kit migrate after a newer "when" for ${skipped.join(', ')} in meta/_journal.json: it skips what is older than the newest row`
  return { pending: [...skipped, ...pending], extra, remedy }
}

/** All that `keys` descend from, with themselves. */
const ancestors = (keys: Iterable<string>, shipped: ReadonlyMap<string, Shipped>): Set<string> => {
  const reached = new Set<string>()
  const left = [...keys]
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
  // every host with this release sees it; a host that has passed goes on serving for as long as it lasts
  cause: 'shared',
  message: `the database is at ${unknown.join(', ')}, which this release does not ship, so its ancestors are unknown: a newer release has migrated it, or it is another app's database; set accept_ahead if only newer releases migrate it`,
  evidence: { extra: unknown },
})

/**
 * Alembic: the table names the heads; their ancestors are applied. The ancestors of a head that is not shipped are
 * unknown. But if an earlier run saw all these migrations applied, the database can only have moved on from there, and
 * `acceptAhead` takes that for granted. What descends from a head in the table has certainly not run.
 */
export const createByHeads = ({ acceptAhead }: JudgeOptions): Judge => {
  let complete: string | undefined
  return (shipped, rows): Judgement | MigrationsProblem => {
    const byKey = new Map(shipped.map(migration => [migration.key, migration]))
    const all = [...byKey.keys()].sort().join(' ')
    const heads = keysOf(rows)
    const extra = [...heads].filter(key => !byKey.has(key)).sort()
    const applied = ancestors(heads, byKey)
    const pending = shipped.filter(({ key }) => !applied.has(key))
    const names = pending.map(({ name }) => name).sort()
    if (pending.length === 0) complete = all
    else if (extra.length > 0) {
      const certain = pending.filter(({ key }) =>
        [...ancestors([key], byKey)].some(other => heads.has(other)),
      )
      if (certain.length > 0) return { pending: certain.map(({ name }) => name).sort(), extra }
      return acceptAhead || complete === all ? { pending: [], extra } : ahead(extra)
    }
    return { pending: names, extra }
  }
}
