import type { CheckType } from '../../core/check.ts'
import { migrationsReasons } from './reasons.ts'
import type { MigrationsFinding, MigrationsProblem, MigrationsReason } from './reasons.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import { listNames } from '../../lib/list-names.ts'
import { toTenths } from '../../lib/round.ts'
import { followDatabases } from '../../postgres/followed-databases.ts'
import type { Followed } from '../../postgres/followed-databases.ts'
import type { DatabaseContext } from '../context.ts'
import { compareRows } from './compare-rows.ts'
import { toFinding } from './comparison.ts'
import { migrationsSchema } from './config.ts'
import type { MigrationsConfig } from './config.ts'
import { compareDjango } from './django/django.ts'
import { compareTool } from './tools/compare-tool.ts'

const TIMED_OUT: MigrationsProblem = {
  status: 'unknown',
  reason: 'CHECK_TIMED_OUT',
  message: 'neither the file system nor the database answered in time',
}

/**
 * The time that the database has after the abort to say why it did not answer. A hung file system never says anything;
 * its read is abandoned.
 */
const GRACE_MS = 50

/** Adds where the rows came from, and that the database closed a kept connection since the last run. */
const withPlace = (
  finding: MigrationsFinding,
  { place, interrupted, unknownParameters = [] }: Followed,
): MigrationsFinding => {
  if (!place) return finding
  const evidence = { ...place, ...(interrupted && { reconnected: true }), ...finding.evidence }
  if (finding.status === 'pass' && unknownParameters.length > 0)
    return {
      status: 'warn',
      reason: 'DATABASE_PARAMETER_UNKNOWN',
      message: `all migrations are applied, but the database's source has parameters that health-sidecar does not know: ${listNames(unknownParameters, 10)}; check that they do not change the schema or the server`,
      evidence: { ...evidence, unknownParameters },
    }
  return finding.status === 'pass' && interrupted
    ? { ...finding, interrupted, evidence }
    : { ...finding, evidence }
}

/** Whether every migration that this release ships is recorded in the app's database. */
export const migrations: CheckType<MigrationsConfig, DatabaseContext, MigrationsReason> = {
  type: 'migrations',
  reasons: migrationsReasons,
  componentType: 'datastore',
  schema: migrationsSchema,
  defaults: { intervalMs: 15_000, freshForMs: 15_000 },
  create: (config, context) => {
    const followed = followDatabases(context.databases)
    const where = { databases: followed.databases, source: config.database, schema: config.schema }
    const compare =
      config.tool === 'django'
        ? compareRows(compareDjango(config), where)
        : compareRows(compareTool(config), where)
    return {
      run: async (signal, { fresh = false } = {}) => {
        followed.begin({ fresh })
        const startedAt = performance.now()
        const outcome = await beforeAbort(compare(signal), signal, { graceMs: GRACE_MS })
        const finding = toFinding(
          outcome === TIME_IS_UP ? TIMED_OUT : outcome,
          toTenths(performance.now() - startedAt),
        )
        return withPlace(finding, followed.end())
      },
      [Symbol.asyncDispose]: async () => {},
    }
  },
}
