import type { MigrationsProblem } from '../reasons.ts'
import { databaseSourceSchema } from '../../../postgres/database-source.ts'
import { Mapping, Text, Type } from '../../../schema/vocabulary.ts'
import type { Static } from '../../../schema/vocabulary.ts'
import type { CheckContext } from '../../context.ts'
import { listed, naming } from '../comparison.ts'
import type { Compare } from '../comparison.ts'
import { createMigrationsTable } from '../migrations-table.ts'
import { createShippedByApps } from './shipped-by-apps.ts'
import { isBefore } from './django-version.ts'
import { createShippedByManifest } from './shipped-by-manifest.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey, ShippedMigrations } from './migration-key.ts'
import { oneAtATime } from './shipped.ts'
import type { ShippedMigrationsReader } from './shipped.ts'
import { replace } from './replacement.ts'
import { createShippedByScan } from './shipped-by-scan.ts'

const VERSION = '^\\d+(\\.\\d+)*'

const keys = Mapping({
  tool: Type.Literal('django', { description: 'django' }),
  database: databaseSourceSchema,
  manifest: Type.Optional(Text({ description: 'path of the manifest that health_manifest.py has written' })),
  apps: Type.Optional(
    Type.Record(Type.String({ pattern: '^[^.]+$' }), Text({ description: 'directory of its migrations' }), {
      description: 'a mapping of app labels to the directories of their migrations',
      minProperties: 1,
    }),
  ),
  scan: Type.Optional(
    Type.Array(Text({ description: 'a directory' }), {
      description:
        "a list of directories; every package called migrations at and below them is taken as an app's",
      minItems: 1,
    }),
  ),
  exclude: Type.Optional(
    Type.Array(
      Text({ description: 'the name of a folder, or its path relative to a configured directory' }),
      {
        description:
          'a list of folders without migrations of the app: a name, such as tests, or a relative path, such as shop/tests',
        minItems: 1,
      },
    ),
  ),
  django_version: Type.Optional(
    Type.Union(
      [Text({ description: 'a version', pattern: VERSION }), Type.Number({ description: 'a version' })],
      {
        description: 'a version of Django such as 5.2; needed if squashed migrations replace squashed ones',
      },
    ),
  ),
})

export const djangoSchema = {
  ...keys,
  oneOf: [{ required: ['manifest'] }, { required: ['apps'] }, { required: ['scan'] }],
}

export type DjangoConfig = Static<typeof keys>

const TABLE = 'django_migrations'
const REMEDY = 'manage.py migrate'

/** Compares what a release ships with the rows of django_migrations, as Django's own loader does. */
export const compareDjango = (config: DjangoConfig, { databases }: CheckContext): Compare => {
  const reader = oneAtATime(createReader(config))
  const table = createMigrationsTable<{ app: string; name: string }>(databases, {
    source: config.database,
    name: TABLE,
    select: `SELECT app, name FROM ${TABLE}`,
    remedy: REMEDY,
  })

  return async signal => {
    const found = await reader.read()
    if (!found.ok) return found.problem
    if (found.shipped.size === 0) return NONE_FOUND

    const answer = await table.rows(signal)
    if (!answer.ok) return answer.problem
    const rows = new Set(answer.rows.map(({ app, name }) => migrationKey(app, name)))

    const version = found.djangoVersion ?? config.django_version?.toString()
    const ordered = version !== undefined && !isBefore(version, [6, 0])
    const replaced = replace(found.shipped, rows, ordered ? 'ordered' : 'undefined')
    if (!replaced.ok) return undecided(replaced.nested, { cause: replaced.cause, version })
    const [incomplete] = replaced.incomplete
    if (incomplete) return incompleteSquash(incomplete)

    const pending = [...replaced.nodes].filter(key => !replaced.applied.has(key)).sort()
    const isOrphan = (key: MigrationKey) => rows.has(key) && (found.shipped.get(key) ?? []).length > 0
    if (pending.length > 0 && pending.every(isOrphan)) return rowsGone(pending)
    return {
      pending,
      extra: [...unexplained(rows, found.shipped)].sort(),
      applied: replaced.nodes.size - pending.length,
      standby: answer.standby,
      table: TABLE,
      remedy: REMEDY,
    }
  }
}

const createReader = ({ manifest, apps, scan, exclude }: DjangoConfig): ShippedMigrationsReader => {
  if (manifest !== undefined) return createShippedByManifest(manifest)
  if (apps !== undefined) return createShippedByApps(apps)
  if (scan !== undefined) return createShippedByScan(scan, exclude)
  throw new TypeError('none of manifest, apps and scan is configured')
}

/** Rows for which the release ships neither a file nor a squashed migration that replaces them. */
const unexplained = (rows: ReadonlySet<MigrationKey>, shipped: ShippedMigrations): Set<MigrationKey> => {
  const extra = new Set(rows)
  for (const [key, replaces] of shipped) for (const explained of [key, ...replaces]) extra.delete(explained)
  return extra
}

const NONE_FOUND: MigrationsProblem = {
  status: 'fail',
  reason: 'MIGRATIONS_NONE_FOUND',
  message: 'the release ships no migration at all; check that the configured paths are those of the app',
}

const undecided = (
  squashed: MigrationKey,
  { cause, version }: { readonly cause: 'nested' | 'cycle'; readonly version: string | undefined },
): MigrationsProblem => {
  const hints = {
    cycle: 'replaces itself through other squashed migrations; Django refuses that, so correct replaces',
    nested:
      version === undefined
        ? 'replaces another squashed migration, which only Django 6.0 and later resolves; use a manifest or set django_version'
        : `replaces another squashed migration, which Django ${version} resolves by chance; replace its targets one by one`,
  }
  return {
    status: 'unknown',
    reason: 'MIGRATIONS_SQUASH_NESTED',
    message: `${squashed} ${hints[cause]}`,
    evidence: { squashed },
  }
}

/**
 * Django's loader does not count such a squashed migration as applied. But `migrate` only looks at the leaves of the graph:
 * if one after it is applied, it does nothing.
 */
const rowsGone = (squashed: readonly MigrationKey[]): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_SQUASH_ROWS_GONE',
  message: `no migration that ${naming(squashed)} replaces has a row, so Django does not count its own row, and migrate does not mend that; delete replaces from its source, as Django's manual says of a squash that is applied everywhere`,
  evidence: listed('pending', squashed),
})

const incompleteSquash = ({
  squashed,
  missing,
}: {
  readonly squashed: MigrationKey
  readonly missing: readonly MigrationKey[]
}): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_SQUASH_INCOMPLETE',
  message: `${squashed} is partly applied, and the release no longer ships the rest of what it replaces: ${naming(missing)}; migrate skips it silently, so first deploy and migrate a release that still ships the rest`,
  evidence: { squashed, missing: missing.slice(0, 20) },
})
