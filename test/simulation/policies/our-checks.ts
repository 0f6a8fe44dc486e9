import { postgresCheck } from '../../../src/checks/postgres/postgres-check.ts'
import { smokeWith } from '../../../src/checks/smoke/smoke.ts'
import type { CheckConfig } from '../../../src/config/check-schemas.ts'
import type { Config } from '../../../src/config/config.ts'
import { createInstanceMetadata, metadataEndpoint } from '../../../src/connect/instance-metadata.ts'
import type { Check } from '../../../src/core/check.ts'
import type { Finding } from '../../../src/core/finding.ts'
import type { Silent } from '../../../src/core/host-state.ts'
import type { HostView } from './policy.ts'

const context = (host: HostView) => ({
  databases: host.database,
  metadata: createInstanceMetadata(metadataEndpoint({})),
  release: () => host.files.release(),
})

const checkOf = (run: (signal: AbortSignal) => Promise<Finding>): Check => ({
  run,
  async [Symbol.asyncDispose]() {},
})

/** A model of the migrations check: it reads the table as the real one does, and knows what the release ships. */
const migrations = ({ database, files }: HostView): Check =>
  checkOf(async signal => {
    const answer = await database.query('', { text: 'select app, name from django_migrations', signal })
    if (!answer.ok) return answer.problem
    if (!files.isMigrationPending()) return { status: 'pass' }
    return { status: 'fail', reason: 'MIGRATIONS_PENDING', message: 'one migration is not applied' }
  })

/** A model of the env check: the names that it misses. */
const env = ({ files }: HostView): Check =>
  checkOf(async () => {
    const missing = files.missingVariables()
    if (missing.length === 0) return { status: 'pass' }
    return { status: 'fail', reason: 'ENV_VARIABLE_MISSING', message: `${missing.join(', ')} is missing` }
  })

interface Asked {
  readonly smokeWith: typeof smokeWith
  readonly hasServed: boolean
  readonly silent: readonly Silent[]
}

const create = (
  config: CheckConfig,
  host: HostView,
  { smokeWith: smoke, hasServed, silent }: Asked,
): Check => {
  const { clock, app } = host
  const silentForMs = silent.find(({ name }) => name === config.name)?.silentForMs ?? 0
  const lent = { ...context(host), hasServed, silentForMs }
  switch (config.type) {
    case 'smoke':
      return smoke({
        clock,
        exchangeOver: async () => () => app.request('home'),
      }).create(config as never, lent)
    case 'postgres':
      return postgresCheck.create(config as never, lent)
    case 'migrations':
      return migrations(host)
    case 'env':
      return env(host)
    default:
      throw new TypeError(`the simulation has no check of type ${config.type}`)
  }
}

/**
 * The checks of a configuration. smoke and postgres are the real ones, down to the request and the query. migrations and
 * env, whose findings rest on files, are models.
 */
export const createOurChecks = (
  config: Config,
  host: HostView,
  { smokeWith: smoke = smokeWith, hasServed = false, silent = [] }: Partial<Asked> = {},
): ReadonlyMap<string, Check> =>
  new Map(
    config.checks.map(check => [check.name, create(check, host, { smokeWith: smoke, hasServed, silent })]),
  )
