import t from 'tap'
import { boundFinding } from '../../src/core/bound-finding.ts'
import type { Json } from '../../src/core/finding.ts'

const failing = (evidence: Readonly<Record<string, Json>>, message = 'wrong') =>
  boundFinding({ status: 'fail', reason: 'ENV_VARIABLE_MISSING', message, evidence })

const names = Array.from({ length: 50_000 }, (_, i) => `NAME_${i}`)

t.test('finding › one of an ordinary size is as it was', async t => {
  const evidence = { missing: names.slice(0, 500), at: 'a', counts: { pending: 3, none: null } }
  t.strictSame(failing(evidence).evidence, evidence)
  t.strictSame(boundFinding({ status: 'pass' }), { status: 'pass' })
})

t.test('finding › a long list is told by its first items and the number of the others', async t => {
  const { evidence } = failing({ files: ['/etc/env'], missing: names })
  t.strictSame(evidence, { files: ['/etc/env'], missing: [...names.slice(0, 100), '… and 49900 more'] })
})

t.test('finding › whatever the evidence is, it stays below 16 KiB', async t => {
  const long = 'x'.repeat(1_000_000)
  const deep = Array.from({ length: 3000 }).reduce<Json>(inner => ({ inner }), 'x')
  const wide = Object.fromEntries(names.map(name => [name, names.slice(0, 20)]))
  for (const evidence of [
    { long },
    { [long]: 1 },
    { deep },
    wide,
    { a: { b: wide, c: [wide, wide, [wide]] } },
  ])
    t.ok(JSON.stringify(failing(evidence).evidence).length <= 16 * 1024)
})

/** As JSON, it takes so many characters more than its text. */
const OVERHEAD = JSON.stringify({ text: '' }).length

t.test('finding › 16 KiB are kept whole; of one character more, the start', async t => {
  const text = 'x'.repeat(16 * 1024 - OVERHEAD)
  t.strictSame(failing({ text }).evidence, { text })
  t.strictSame(failing({ text: `${text}x` }).evidence, { text: `${'x'.repeat(100)}…` })
})

t.test('finding › in large evidence, only what is long or deep is shortened', async t => {
  const kept = {
    text: 'y'.repeat(100),
    count: 3,
    none: null,
    isLate: true,
    list: names.slice(0, 100),
    members: Object.fromEntries(names.slice(0, 100).map(name => [name, 1])),
    deep: { b: { c: { d: { e: 1 } } } },
  }
  const { evidence } = failing({
    ...kept,
    long: 'z'.repeat(20_000),
    longer: 'z'.repeat(101),
    many: Object.fromEntries(names.slice(0, 101).map(name => [name, 1])),
    deeper: { b: { c: { d: { e: { f: 1 } } } } },
  })
  const clipped = `${'z'.repeat(100)}…`
  t.strictSame(evidence, {
    ...kept,
    long: clipped,
    longer: clipped,
    many: { ...kept.members, '…': 'and 1 more' },
    deeper: { b: { c: { d: { e: '…' } } } },
  })
})

t.test('finding › evidence that is long and wide is told by ten of each', async t => {
  const texts = Array.from({ length: 11 }, () => 'z'.repeat(150))
  const clipped = `${'z'.repeat(100)}…`
  const lists = Object.fromEntries(names.slice(0, 200).map(name => [name, texts]))
  const { evidence } = failing({ deep: { b: { c: { d: { e: 1 } } } }, ...lists })
  t.strictSame(evidence, {
    deep: { b: { c: { d: '…' } } },
    ...Object.fromEntries(
      names.slice(0, 9).map(name => [name, [...texts.slice(0, 10).map(() => clipped), '… and 1 more']]),
    ),
    '…': 'and 191 more',
  })
})

t.test('finding › a long message is told in part', async t => {
  const finding = failing({}, 'y'.repeat(100_000))
  t.equal(finding.status === 'pass' ? 0 : finding.message.length, 2001)
})
