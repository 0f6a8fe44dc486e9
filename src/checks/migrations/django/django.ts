import type { MigrationsProblem } from '../reasons.ts'
import { databaseSourceSchema } from '../../../postgres/database-source.ts'
import { Mapping, Text, Type } from '../../../schema/vocabulary.ts'
import type { Static } from '../../../schema/vocabulary.ts'
import { listed, naming } from '../comparison.ts'
import type { Comparison } from '../comparison.ts'
import type { RowsComparison, TableRows } from '../rows-comparison.ts'
import { createShippedByApps } from './shipped-by-apps.ts'
import { isBefore } from './django-version.ts'
import { createShippedByManifest } from './shipped-by-manifest.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey, ShippedMigrations } from './migration-key.ts'
import { oneAtATime } from './shipped.ts'
import type { ShippedMigrationsReader } from './shipped.ts'
import { schemasSchema } from '../schemas.ts'
import { replace } from './replacement.ts'
import { createShippedByScan } from './shipped-by-scan.ts'

const VERSION = '^\\d+(\\.\\d+)*'

const keys = Mapping({
  tool: Type.Literal('django', { description: 'django' }),
  database: databaseSourceSchema,
  schema: Type.Optional(schemasSchema),
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

const REMEDY = 'manage.py migrate'

interface DjangoRow extends Record<string, unknown> {
  readonly app: string
  readonly name: string
}

/** Compares what a release ships with the rows of django_migrations, as Django's own loader does. */
export const compareDjango = (config: DjangoConfig): RowsComparison<DjangoRow> => {
  const reader = oneAtATime(createReader(config))
  const configured = config.django_version?.toString()
  return {
    table: 'django_migrations',
    select: table => `SELECT app, name FROM ${table}`,
    remedy: REMEDY,
    prepare: async () => {
      const found = await reader.read()
      if (!found.ok) return found
      if (found.shipped.size === 0) return { ok: false, problem: NONE_FOUND }
      const version = found.djangoVersion ?? configured
      return { ok: true, judge: rows => judgeRows(rows, { shipped: found.shipped, version }) }
    },
  }
}

const judgeRows = (
  { rows: found, standby, table }: TableRows<DjangoRow>,
  { shipped, version }: { readonly shipped: ShippedMigrations; readonly version: string | undefined },
): Comparison | MigrationsProblem => {
  const rows = new Set(found.map(({ app, name }) => migrationKey(app, name)))
  const ordered = version !== undefined && !isBefore(version, [6, 0])
  const replaced = replace(shipped, rows, ordered ? 'ordered' : 'undefined')
  if (!replaced.ok) return undecided(replaced.nested, { cause: replaced.cause, version })
  const [incomplete] = replaced.incomplete
  if (incomplete) return incompleteSquash(incomplete)

  const pending = [...replaced.nodes].filter(key => !replaced.applied.has(key)).sort()
  const isOrphan = (key: MigrationKey) => rows.has(key) && (shipped.get(key) ?? []).length > 0
  if (pending.length > 0 && pending.every(isOrphan)) return rowsGone(pending)
  return {
    pending,
    extra: [...unexplained(rows, shipped)].sort(),
    applied: replaced.nodes.size - pending.length,
    standby,
    table,
    remedy: REMEDY,
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
