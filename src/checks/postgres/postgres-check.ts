import type { CheckType } from '../../core/check.ts'
import { toTenths } from '../../lib/round.ts'
import { databaseSourceSchema } from '../../postgres/database-source.ts'
import { databaseReasons } from '../../postgres/reasons.ts'
import type { DatabaseReason } from '../../postgres/reasons.ts'
import { Mapping } from '../../schema/vocabulary.ts'
import type { Static } from '../../schema/vocabulary.ts'
import type { CheckContext } from '../context.ts'

const schema = Mapping({ database: databaseSourceSchema })

/** Whether the database takes the login and answers a query: something for other checks to depend on. */
export const postgresCheck: CheckType<Static<typeof schema>, CheckContext, DatabaseReason> = {
  type: 'postgres',
  reasons: databaseReasons,
  componentType: 'datastore',
  schema,
  defaults: { intervalMs: 15_000, freshForMs: 15_000 },
  create: ({ database }, { databases }) => ({
    async run(signal) {
      const startedAt = performance.now()
      const answer = await databases.query<{ readonly version: string; readonly standby: boolean }>(
        database,
        {
          text: `select current_setting('server_version') as version, pg_is_in_recovery() as standby`,
          signal,
        },
      )
      if (!answer.ok) return answer.problem
      const [row] = answer.rows
      const milliseconds = toTenths(performance.now() - startedAt)
      return {
        status: 'pass',
        evidence: { serverVersion: row?.version, standby: row?.standby, milliseconds },
      }
    },
    async [Symbol.asyncDispose]() {},
  }),
}
