import t from 'tap'
import { byJournal, byMaximum, bySet, createByHeads } from '../../../../src/checks/migrations/tools/judge.ts'
import type { Row, Shipped } from '../../../../src/checks/migrations/tools/tool.ts'

const shipped = (...keys: string[]): Shipped[] => keys.map(key => ({ key, name: `m${key}` }))
const row = (key: string | null, more: Partial<Row> = {}): Row => ({
  key,
  applied: true,
  flaw: null,
  ...more,
})
const rows = (...keys: string[]): Row[] => keys.map(key => row(key))
const byNumber = (a: string, b: string) => Number(a) - Number(b)

t.test('by set › what has no row is pending, and a row without a migration is extra', async t => {
  t.strictSame(bySet()(shipped('1', '2'), rows('1', '9', '8')), { pending: ['m2'], extra: ['8', '9'] })
  t.strictSame(bySet()(shipped('1'), [row('1', { applied: false }), row(null)]), {
    pending: ['m1'],
    extra: [],
  })
})

t.test('by set › everything up to the latest baseline is applied', async t => {
  const judge = bySet(byNumber)
  const baseline = (...keys: string[]) => keys.map(key => row(key, { baseline: true }))
  t.strictSame(judge(shipped('1', '2', '3'), baseline('2')), { pending: ['m3'], extra: [] })
  t.strictSame(judge(shipped('1', '10', '11'), baseline('10', '9')), { pending: ['m11'], extra: [] })
  t.strictSame(judge(shipped('1', '2'), rows('2')), { pending: ['m1'], extra: [] }, 'a row is none')
  t.strictSame(bySet()(shipped('1', '2'), baseline('2')), { pending: ['m1'], extra: [] }, 'nor without order')
})

t.test('by set › one that runs again whenever it changes is applied by its checksum', async t => {
  const view = { key: 'v', name: 'view', checksum: 7 }
  t.strictSame(bySet()([view], [row('v', { checksum: 7 })]), { pending: [], extra: [] })
  t.strictSame(bySet()([view], [row('v', { checksum: 8 })]), { pending: ['view'], extra: [] })
  t.strictSame(bySet()([view], [row('v', { checksum: 7, applied: false })]), { pending: ['view'], extra: [] })
})

t.test('by maximum › what is newer than the table is pending, in order', async t => {
  const newer = shipped('10', '9', '2')
  t.strictSame(byMaximum(newer, rows('2')), { pending: ['m9', 'm10'], extra: [] })
  t.strictSame(byMaximum(newer, []), { pending: ['m2', 'm9', 'm10'], extra: [] })
  t.strictSame(byMaximum(newer, rows('2', '10')), { pending: [], extra: [] })
  t.strictSame(byMaximum(newer, rows('11')), { pending: [], extra: ['11'] })
  t.strictSame(byMaximum([], rows('11')), { pending: [], extra: [] })
  const large = '9007199254740993'
  t.strictSame(byMaximum(shipped(large), rows('9007199254740992')), { pending: [`m${large}`], extra: [] })
})

t.test('by journal › one between the oldest and the newest row has run only by its time or hash', async t => {
  const between = { key: '5', name: 'between', hash: 'h' }
  const all = [...shipped('1', '3', '7'), between]
  t.strictSame(byJournal(shipped('1', '3'), []), { pending: ['m1', 'm3'], extra: [] })
  t.strictSame(byJournal(all, rows('3', '7')), {
    pending: ['between'],
    extra: [],
    remedy:
      'drizzle-kit migrate after a newer "when" for between in meta/_journal.json: it skips what is older than the newest row',
  })
  t.strictSame(byJournal(all, rows('3', '5', '7')), { pending: [], extra: [] })
  t.strictSame(byJournal(all, [...rows('3'), row('7', { hash: 'h' })]), { pending: [], extra: [] })
  t.match(byJournal([...all, ...shipped('9')], rows('3', '7')), { pending: ['between', 'm9'] })
  const late = byJournal(shipped('1', '2', '6', '9'), rows('1', '2', '9'))
  t.match(late, { pending: ['m6'] }, 'between the second and the last of three rows')
  t.strictSame(byJournal(all, rows('5')), { pending: ['m7'], extra: [] }, 'the oldest row is the newest')
})

/** A chain: each comes after the one before. */
const chain = (...keys: string[]): Shipped[] =>
  keys.map((key, i) => ({ key, name: `m${key}`, parents: keys.slice(Math.max(0, i - 1), i) }))

t.test('by heads › the ancestors of a head are applied', async t => {
  const judge = createByHeads({ acceptAhead: false })
  t.strictSame(judge(chain('a', 'b', 'c'), rows('b')), { pending: ['mc'], extra: [] })
  t.strictSame(judge(chain('a', 'b', 'c'), rows('c')), { pending: [], extra: [] })
  t.strictSame(judge(chain('a', 'b'), []), { pending: ['ma', 'mb'], extra: [] })
})

t.test(
  'by heads › a head that is not shipped makes the rest unknown, unless it was all applied once',
  async t => {
    const ahead = {
      status: 'unknown',
      reason: 'MIGRATIONS_AHEAD',
      cause: 'shared',
      evidence: { extra: ['x'] },
    }
    const judge = createByHeads({ acceptAhead: false })
    t.match(judge(chain('a', 'b'), rows('x')), ahead)
    t.strictSame(judge(chain('a', 'b'), rows('b')), { pending: [], extra: [] })
    t.strictSame(
      judge(chain('a', 'b'), rows('x')),
      { pending: [], extra: ['x'] },
      'it has moved on from there',
    )
    t.match(judge(chain('a', 'b', 'c'), rows('x')), ahead, 'not for another release')
    t.strictSame(createByHeads({ acceptAhead: true })(chain('a'), rows('x')), { pending: [], extra: ['x'] })
  },
)

t.test('by heads › what descends from a head in the table has certainly not run', async t => {
  const judge = createByHeads({ acceptAhead: true })
  t.strictSame(judge(chain('a', 'b', 'c'), rows('b', 'x')), { pending: ['mc'], extra: ['x'] })
  const circle = [
    { key: 'a', name: 'ma', parents: ['b'] },
    { key: 'b', name: 'mb', parents: ['a'] },
  ]
  t.strictSame(judge(circle, rows('a')), { pending: [], extra: [] })
})
