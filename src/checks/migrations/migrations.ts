import type { CheckType } from '../../core/check.ts'
import type { Problem } from '../../core/finding.ts'
import type { CheckContext } from '../context.ts'
import { toFinding } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import { migrationsSchema } from './config.ts'
import type { MigrationsConfig } from './config.ts'
import { compareDjango } from './django/django.ts'
import { compareTool } from './tools/compare-tool.ts'

const TIMED_OUT: Problem = {
  status: 'unknown',
  reason: 'CHECK_TIMED_OUT',
  message: 'neither the file system nor the database answered in time',
}

/** Whether every migration that this release ships is recorded in the app's database. */
export const migrations: CheckType<MigrationsConfig, CheckContext> = {
  type: 'migrations',
  componentType: 'datastore',
  schema: migrationsSchema,
  defaults: { intervalMs: 15_000, freshForMs: 15_000 },
  create: (config, context) => {
    const compare = config.tool === 'django' ? compareDjango(config, context) : compareTool(config, context)
    return {
      run: async signal => {
        const startedAt = performance.now()
        const outcome = await orTimedOut(compare(signal), signal)
        return toFinding(outcome, Math.round((performance.now() - startedAt) * 10) / 10)
      },
      [Symbol.asyncDispose]: async () => {},
    }
  },
}

/** A file system that hangs cannot be interrupted: it is left behind. A database ends by itself, with its own finding. */
const orTimedOut = async (
  outcome: Promise<Comparison | Problem>,
  signal: AbortSignal,
): Promise<Comparison | Problem> => {
  const { promise, resolve } = Promise.withResolvers<Problem>()
  let timer: NodeJS.Timeout | undefined
  const giveUp = () => {
    timer = setTimeout(resolve, GRACE_MS, TIMED_OUT)
  }
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  try {
    return await Promise.race([outcome, promise])
  } finally {
    signal.removeEventListener('abort', giveUp)
    clearTimeout(timer)
  }
}

/** What the database is given, after the abort, to say in its own words why it did not answer. */
const GRACE_MS = 50
