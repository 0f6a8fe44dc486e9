import t from 'tap'
import { boundedDocument } from '../../src/status/bounded-document.ts'
import type { CheckDocument, StatusDocument } from '../../src/status/status-document.ts'

const failing: CheckDocument = {
  status: 'fail',
  componentType: 'component',
  reason: 'ENV_VARIABLE_MISSING',
  output: 'missing: A'.padEnd(2000, ' B'),
  evidence: { missing: Array.from({ length: 1500 }, (_, i) => `NAME_${i}`) },
}

const documentOf = (count: number): StatusDocument => ({
  status: 'fail',
  phase: 'serving',
  version: '1',
  notes: ['a note'],
  checks: Object.fromEntries(Array.from({ length: count }, (_, i) => [`check-${i}`, [failing]])),
})

t.test('status document › one that fits is as it is', async t => {
  const document = documentOf(40)
  t.equal(boundedDocument(document), document)
})

t.test('status document › of 500 checks with much evidence, each is told without it', async t => {
  const document = boundedDocument(documentOf(500))
  t.ok(JSON.stringify(document).length < 1024 * 1024)
  t.equal(Object.keys(document.checks).length, 500)
  t.strictSame(document.checks['check-499'], [
    {
      status: 'fail',
      componentType: 'component',
      reason: 'ENV_VARIABLE_MISSING',
      output: failing.output?.slice(0, 200),
    },
  ])
  t.match(document.notes, ['a note', /evidence of all checks is left out/])
})
