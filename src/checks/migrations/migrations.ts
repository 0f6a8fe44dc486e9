import type { CheckType } from '../../core/check.ts'
import { migrationsReasons } from './reasons.ts'
import type { MigrationsProblem, MigrationsReason } from './reasons.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import { toTenths } from '../../lib/round.ts'
import type { CheckContext } from '../context.ts'
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

/** Whether every migration that this release ships is recorded in the app's database. */
export const migrations: CheckType<MigrationsConfig, CheckContext, MigrationsReason> = {
  type: 'migrations',
  reasons: migrationsReasons,
  componentType: 'datastore',
  schema: migrationsSchema,
  defaults: { intervalMs: 15_000, freshForMs: 15_000 },
  create: (config, context) => {
    const compare = config.tool === 'django' ? compareDjango(config, context) : compareTool(config, context)
    return {
      run: async signal => {
        const startedAt = performance.now()
        const outcome = await beforeAbort(compare(signal), signal, { graceMs: GRACE_MS })
        return toFinding(
          outcome === TIME_IS_UP ? TIMED_OUT : outcome,
          toTenths(performance.now() - startedAt),
        )
      },
      [Symbol.asyncDispose]: async () => {},
    }
  },
}
