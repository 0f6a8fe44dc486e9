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

t.test('finding › a long message is told in part', async t => {
  const finding = failing({}, 'y'.repeat(100_000))
  t.equal(finding.status === 'pass' ? 0 : finding.message.length, 2001)
})
