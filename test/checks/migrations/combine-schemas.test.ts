import t from 'tap'
import { combineSchemas } from '../../../src/checks/migrations/combine-schemas.ts'
import type { Comparison } from '../../../src/checks/migrations/comparison.ts'
import type { MigrationsProblem } from '../../../src/checks/migrations/reasons.ts'
import type { TableRows } from '../../../src/checks/migrations/rows-comparison.ts'
import type { SchemaGroup } from '../../../src/checks/migrations/schema-tables.ts'

type Outcome = Comparison | MigrationsProblem

const compared = (found: Partial<Comparison> = {}): Comparison => ({
  pending: [],
  extra: [],
  applied: 3,
  standby: false,
  table: 'of one schema',
  remedy: 'of one schema',
  ...found,
})

const problem = (status: 'fail' | 'warn' | 'unknown', message: string): MigrationsProblem => ({
  status,
  reason: status === 'fail' ? 'MIGRATIONS_FAILED' : 'MIGRATIONS_AHEAD',
  message,
  evidence: { at: message },
})

/** Groups of schemas, each with what its rows mean. */
const combine = (
  outcomes: readonly (readonly [schemas: readonly string[], outcome: Outcome])[],
  { missing = [], standby = false }: { missing?: readonly string[]; standby?: boolean } = {},
) => {
  const judged: TableRows<Outcome>[] = []
  const groups = outcomes.map(([schemas, outcome]): SchemaGroup<Outcome> => ({ schemas, rows: [outcome] }))
  const combined = combineSchemas(
    { ok: true, groups, missing, standby, table: 'migrations' },
    {
      judge: found => {
        judged.push(found)
        return found.rows[0] ?? compared()
      },
      remedy: 'migrate',
    },
  )
  return { combined, judged }
}

t.test('schemas › each group is judged by its first table, and nothing of an earlier run counts', async t => {
  const ann = compared()
  const { judged } = combine([[['ann', 'bob'], ann]], { standby: true })
  t.strictSame(judged, [{ rows: [ann], standby: true, table: '"ann".migrations', mayRemember: false }])
})

t.test('schemas › all are up to date: the least that is applied, and each extra once', async t => {
  const { combined } = combine(
    [
      [['ann', 'bob'], compared({ applied: 5, extra: ['x.2', 'x.1'] })],
      [['cay'], compared({ applied: 4, extra: ['x.1', 'x.0'] })],
    ],
    { standby: true },
  )
  t.strictSame(combined, {
    pending: [],
    extra: ['x.0', 'x.1', 'x.2'],
    applied: 4,
    standby: true,
    table: 'migrations',
    schemas: 3,
    remedy: 'migrate',
  })
})

t.test('schemas › those that are behind are named, with three of their migrations', async t => {
  const { combined } = combine(
    [
      [['fay'], compared()],
      [['eve', 'bob'], compared({ pending: ['m.4', 'm.3', 'm.2', 'm.1'] })],
      [['dan'], problem('fail', 'm.2 failed')],
      [['cay'], problem('unknown', 'not behind')],
    ],
    { missing: ['ann'] },
  )
  t.strictSame(combined, {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message:
      '4 of 6 schemas are behind: eve, bob (m.4, m.3, m.2 and 1 more not applied); dan (m.2 failed); ann (no table migrations); run migrate for them',
    evidence: {
      behind: ['ann', 'bob', 'dan', 'eve'],
      pending: ['m.1', 'm.2', 'm.3', 'm.4'],
      schemaCount: 6,
    },
  })
})

t.test('schemas › what is pending in several is told once', async t => {
  const { combined } = combine([
    [['ann'], compared({ pending: ['m.2'] })],
    [['bob'], compared({ pending: ['m.1', 'm.2'] })],
  ])
  t.match(combined, { evidence: { pending: ['m.1', 'm.2'] } })
})

t.test(
  'schemas › the reason is what is pending, else the failure, else the table that is missing',
  async t => {
    const failed = problem('fail', 'm.2 failed')
    const reasonOf = (...asked: Parameters<typeof combine>) => {
      const { combined } = combine(...asked)
      return 'status' in combined ? combined.reason : undefined
    }
    t.equal(reasonOf([[['ann'], failed]]), 'MIGRATIONS_FAILED')
    t.equal(reasonOf([[['ann'], failed]], { missing: ['bob'] }), 'MIGRATIONS_FAILED')
    t.equal(reasonOf([[['ann'], compared()]], { missing: ['bob'] }), 'MIGRATIONS_TABLE_MISSING')
    t.equal(reasonOf([], { missing: ['bob'] }), 'MIGRATIONS_TABLE_MISSING')
    t.equal(
      reasonOf([
        [['ann'], failed],
        [['bob'], compared({ pending: ['m.1'] })],
      ]),
      'MIGRATIONS_PENDING',
    )
    t.equal(reasonOf([[['ann'], compared({ pending: ['m.1'] })]], { missing: ['bob'] }), 'MIGRATIONS_PENDING')
    const { combined } = combine([[['ann'], failed]])
    t.match(combined, {
      message: '1 of 1 schemas are behind: ann (m.2 failed); run migrate for them',
      evidence: { behind: ['ann'], pending: undefined, schemaCount: 1 },
    })
  },
)

t.test('schemas › of those that are not behind, what is unknown counts before a warning', async t => {
  const warning = problem('warn', 'odd')
  const unknown = problem('unknown', 'at newer')
  const { combined } = combine([
    [['ann'], warning],
    [['bob', 'cay'], unknown],
    [['dan'], compared()],
  ])
  t.strictSame(combined, {
    ...unknown,
    message: '2 of 4 schemas (bob, cay): at newer',
    evidence: { at: 'at newer', schemas: ['bob', 'cay'], schemaCount: 4 },
  })
  t.match(
    combine([
      [['ann'], warning],
      [['dan'], compared()],
    ]).combined,
    { status: 'warn', message: '1 of 2 schemas (ann): odd' },
  )
})
