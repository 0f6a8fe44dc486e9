import type { CheckType } from '../../core/check.ts'
import type { Evidence, Finding, Pass } from '../../core/finding.ts'
import { listNames } from '../../lib/list-names.ts'
import { toTenths } from '../../lib/round.ts'
import { databaseSourceSchema } from '../../postgres/database-source.ts'
import { createInterruptions } from '../../postgres/interruptions.ts'
import type { Answer } from '../../postgres/query.ts'
import { databaseReasons } from '../../postgres/reasons.ts'
import type { DatabaseReason } from '../../postgres/reasons.ts'
import { Mapping } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'
import type { DatabaseContext } from '../context.ts'

const schema = Mapping({ database: databaseSourceSchema })

interface Row {
  readonly version: string
  readonly standby: boolean
}

/** What every answer tells. */
type Seen = Pick<Pass, 'interrupted' | 'evidence'>

/** A parameter without a known meaning may change what the app sees, so it is reported. */
const unknownParameters = (
  names: readonly string[],
  { evidence, ...seen }: Seen,
): Finding<DatabaseReason> => ({
  status: 'warn',
  reason: 'DATABASE_PARAMETER_UNKNOWN',
  message: `the database answers, but its source has parameters that health-sidecar does not know: ${listNames(names, 10)}; check that they do not change the schema or the server`,
  ...seen,
  evidence: { ...evidence, unknownParameters: names },
})

/** A query that reads no table takes this long, in milliseconds, from no healthy server, wherever on earth it is. */
const SLOW_MS = 500

/** The pages of all hosts have to wait for it. */
const slow = (tookMs: number, seen: Seen): Finding<DatabaseReason> => ({
  status: 'warn',
  reason: 'DATABASE_SLOW',
  cause: 'shared',
  message: `the database answers, but takes ${Math.round(tookMs)} ms for a query that reads no table; look at its load, its disks and the network`,
  ...seen,
})

const judge = (
  { rows, place, tookMs, unknownParameters: names }: Answer<Row>,
  { milliseconds, interrupted }: { readonly milliseconds: number; readonly interrupted: boolean },
): Finding<DatabaseReason> => {
  const [row] = rows
  const { host, database, schema: searched } = place
  if (rows.length !== 1 || typeof row?.version !== 'string' || typeof row.standby !== 'boolean')
    return {
      status: 'unknown',
      reason: 'DATABASE_ANSWER_INVALID',
      cause: 'shared',
      message: `${host}/${database} answers the query with something else; is it Postgres that listens there?`,
    }
  const evidence: Evidence = {
    host,
    database,
    schema: searched,
    serverVersion: row.version,
    standby: row.standby,
    ...(interrupted && { reconnected: true }),
    milliseconds,
  }
  const seen: Seen = { ...(interrupted && { interrupted }), evidence }
  if (tookMs >= SLOW_MS) return slow(tookMs, seen)
  if (names.length > 0) return unknownParameters(names, seen)
  return { status: 'pass', ...seen }
}

/** Whether the database accepts the login and answers a query. Other checks can depend on it. */
export const postgresCheck: CheckType<Static<typeof schema>, DatabaseContext, DatabaseReason> = {
  type: 'postgres',
  reasons: databaseReasons,
  componentType: 'datastore',
  schema,
  looksAtShared: () => true,
  defaults: { intervalMs: 15_000, freshForMs: 15_000 },
  create: ({ database }, { databases }) => {
    const interruptions = createInterruptions()
    return {
      async run(signal, { fresh = false } = {}) {
        const startedAt = performance.now()
        const text = `select current_setting('server_version') as version, pg_is_in_recovery() as standby`
        const answer = await databases.query<Row>(database, { text, signal, fresh })
        if (!answer.ok) return answer.problem
        const interrupted = interruptions.notice(answer.cuts)
        return judge(answer, { milliseconds: toTenths(performance.now() - startedAt), interrupted })
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}
