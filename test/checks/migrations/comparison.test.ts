import t from 'tap'
import { combineSchemas } from '../../../src/checks/migrations/combine-schemas.ts'
import { toFinding } from '../../../src/checks/migrations/comparison.ts'
import type { Comparison } from '../../../src/checks/migrations/comparison.ts'
import type { MigrationsProblem } from '../../../src/checks/migrations/reasons.ts'

const same: Comparison = {
  pending: [],
  extra: [],
  applied: 3,
  standby: false,
  table: 'django_migrations',
  remedy: 'manage.py migrate',
}
const names = (count: number) => Array.from({ length: count }, (_, i) => `shop.${i}`)

t.test('comparison › nothing pending passes, and the evidence has only what there is', async t => {
  t.strictSame(toFinding(same, 7), {
    status: 'pass',
    evidence: { applied: 3, table: 'django_migrations', tookMs: 7 },
  })
  t.strictSame(toFinding({ ...same, extra: ['shop.9'], schemas: 2, standby: true }, 7).evidence, {
    extra: ['shop.9'],
    applied: 3,
    table: 'django_migrations',
    schemaCount: 2,
    standby: true,
    tookMs: 7,
  })
})

t.test('comparison › what is pending fails, with the command, and with the standby as a cause', async t => {
  t.match(toFinding({ ...same, pending: names(1) }, 7), {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message: '1 migration is not applied: shop.0; run manage.py migrate',
    evidence: { pending: ['shop.0'] },
  })
  t.match(toFinding({ ...same, pending: names(2), standby: true }, 7), {
    message:
      '2 migrations are not applied: shop.0, shop.1; the database is a standby and may lag; point the check at the primary, or run manage.py migrate',
  })
})

t.test('comparison › twenty names are listed, and the count of more', async t => {
  const { evidence: twenty } = toFinding({ ...same, pending: names(20) }, 7)
  t.strictSame(twenty?.['pending'], names(20))
  t.equal(twenty?.['pendingCount'], undefined)
  const finding = toFinding({ ...same, pending: names(21) }, 7)
  t.match(finding, { message: /shop\.19 and 1 more;/, evidence: { pending: names(20), pendingCount: 21 } })
})

t.test('comparison › a problem stays as it is, with how long it took', async t => {
  const problem: MigrationsProblem = {
    status: 'unknown',
    reason: 'MIGRATIONS_AHEAD',
    message: 'ahead',
    evidence: { extra: ['a'] },
  }
  t.strictSame(toFinding(problem, 7), { ...problem, evidence: { extra: ['a'], tookMs: 7 } })
})

/** Combines schemas of which each has the outcome of its group. */
const combine = (
  outcomes: Readonly<Record<string, Comparison | MigrationsProblem>>,
  missing: readonly string[] = [],
) =>
  combineSchemas(
    {
      ok: true,
      groups: Object.entries(outcomes).map(([schemas, outcome]) => ({
        schemas: schemas.split(' '),
        rows: [outcome],
      })),
      missing,
      standby: false,
      table: 'django_migrations',
    },
    { judge: ({ rows: [outcome] }) => outcome!, remedy: 'manage.py migrate' },
  )

const problem = (
  status: 'fail' | 'unknown' | 'warn',
  reason: MigrationsProblem['reason'],
): MigrationsProblem => ({
  status,
  reason,
  message: `it is ${status}`,
  evidence: { hint: status },
})

t.test('schemas › all that are equal pass as one, with the least applied', async t => {
  t.strictSame(
    combine({ 'a b': { ...same, extra: ['z', 'y'] }, c: { ...same, applied: 2, extra: ['y', 'x'] } }),
    { ...same, extra: ['x', 'y', 'z'], applied: 2, schemas: 3 },
  )
})

t.test(
  'schemas › those that are behind are named with what they lack, and those without a table',
  async t => {
    const found = combine(
      { 'a b': { ...same, pending: ['4', '3', '2', '1'] }, c: same, d: { ...same, pending: ['4'] } },
      ['e'],
    )
    t.strictSame(found, {
      status: 'fail',
      reason: 'MIGRATIONS_PENDING',
      message:
        '4 of 5 schemas are behind: a, b (4, 3, 2 and 1 more not applied); d (4 not applied); e (no table django_migrations); run manage.py migrate for them',
      evidence: { behind: ['a', 'b', 'd', 'e'], pending: ['1', '2', '3', '4'], schemaCount: 5 },
    })
  },
)

t.test('schemas › the reason is that of what is behind: no table, a problem, or pending', async t => {
  t.match(combine({ a: same }, ['b']), { reason: 'MIGRATIONS_TABLE_MISSING', message: /^1 of 2 schemas/ })
  const failed = problem('fail', 'MIGRATIONS_FAILED')
  t.match(combine({ a: failed, b: same }), { reason: failed.reason, message: /a \(it is fail\)/ })
  t.match(combine({ a: failed }, ['b']), { reason: failed.reason })
  t.match(combine({ a: failed, b: { ...same, pending: ['1'] } }), { reason: 'MIGRATIONS_PENDING' })
})

t.test('schemas › what is behind comes before what is unknown, and that before a warning', async t => {
  const unknown = problem('unknown', 'MIGRATIONS_AHEAD')
  const warning = problem('warn', 'MIGRATIONS_AHEAD')
  t.match(combine({ a: unknown, b: { ...same, pending: ['1'] } }), { status: 'fail', message: /^1 of 2/ })
  t.strictSame(combine({ a: warning, 'b c': unknown, d: same }), {
    ...unknown,
    message: '2 of 4 schemas (b, c): it is unknown',
    evidence: { hint: 'unknown', schemas: ['b', 'c'], schemaCount: 4 },
  })
  t.match(combine({ a: same, b: warning }), { status: 'warn', message: '1 of 2 schemas (b): it is warn' })
})
