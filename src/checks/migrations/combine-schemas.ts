import { listNames } from '../../lib/list-names.ts'
import { listed, naming } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import type { MigrationsProblem } from './reasons.ts'
import type { JudgeRows } from './rows-comparison.ts'
import type { SchemaTables } from './schema-tables.ts'
import { inSchema } from './schemas.ts'

interface Judged {
  readonly schemas: readonly string[]
  readonly outcome: Comparison | MigrationsProblem
}

/** One answer for all schemas, which names those that are behind. */
export const combineSchemas = <Row>(
  { groups, missing, standby, table }: SchemaTables<Row>,
  { judge, remedy }: { readonly judge: JudgeRows<Row>; readonly remedy: string },
): Comparison | MigrationsProblem => {
  const judged: Judged[] = groups.map(({ schemas, rows }) => ({
    schemas,
    outcome: judge({ rows, standby, table: inSchema(schemas[0] ?? '', table), mayRemember: false }),
  }))
  const count = missing.length + judged.reduce((sum, { schemas }) => sum + schemas.length, 0)

  const behind = judged.filter(({ outcome }) =>
    'status' in outcome ? outcome.status === 'fail' : outcome.pending.length > 0,
  )
  if (behind.length > 0 || missing.length > 0) return someBehind({ behind, missing, count, table, remedy })
  for (const status of ['unknown', 'warn'] as const)
    for (const { schemas, outcome } of judged)
      if ('status' in outcome && outcome.status === status) return ofSchemas(outcome, { schemas, count })

  const comparisons = judged.flatMap(({ outcome }) => ('status' in outcome ? [] : [outcome]))
  return {
    pending: [],
    extra: [...new Set(comparisons.flatMap(({ extra }) => extra))].sort(),
    applied: Math.min(...comparisons.map(({ applied }) => applied)),
    standby,
    table,
    schemas: count,
    remedy,
  }
}

const ofSchemas = (
  problem: MigrationsProblem,
  { schemas, count }: { readonly schemas: readonly string[]; readonly count: number },
): MigrationsProblem => ({
  ...problem,
  message: `${schemas.length} of ${count} schemas (${naming(schemas)}): ${problem.message}`,
  evidence: { ...problem.evidence, ...listed('schemas', schemas), schemaCount: count },
})

interface Behind {
  readonly behind: readonly Judged[]
  readonly missing: readonly string[]
  readonly count: number
  readonly table: string
  readonly remedy: string
}

/** How many migrations are named beside a schema. */
const NAMED_EACH = 3

const someBehind = ({ behind, missing, count, table, remedy }: Behind): MigrationsProblem => {
  const why = behind.map(({ schemas, outcome }) => {
    const what =
      'status' in outcome ? outcome.message : `${listNames(outcome.pending, NAMED_EACH)} not applied`
    return `${naming(schemas)} (${what})`
  })
  if (missing.length > 0) why.push(`${naming(missing)} (no table ${table})`)
  const names = [...behind.flatMap(({ schemas }) => schemas), ...missing].sort()
  const pending = behind.flatMap(({ outcome }) => ('status' in outcome ? [] : outcome.pending))
  const problems = behind.flatMap(({ outcome }) => ('status' in outcome ? [outcome.reason] : []))
  const [problem = 'MIGRATIONS_TABLE_MISSING'] = problems
  return {
    status: 'fail',
    reason: pending.length > 0 ? 'MIGRATIONS_PENDING' : problem,
    message: `${names.length} of ${count} schemas are behind: ${why.join('; ')}; run ${remedy} for them`,
    evidence: {
      ...listed('behind', names),
      ...listed('pending', [...new Set(pending)].sort()),
      schemaCount: count,
    },
  }
}
