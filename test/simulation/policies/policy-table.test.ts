import t from 'tap'
import { figuresOf } from '../figures.ts'
import type { TraceResult } from '../run-trace.ts'
import { policyTables } from './policy-table.ts'

const asked = { queries: 0, logins: 0, seconds: 0 }

const result = (more: Partial<TraceResult>): TraceResult =>
  ({
    trace: 0,
    badAdmits: 0,
    broken: 0,
    goodKills: 0,
    isFleetLost: false,
    smallestShare: 1,
    admitMs: [],
    faults: [],
    database: { steady: asked, outage: asked, end: asked },
    users: { served: 0, failed: 0 },
    endsAt: 0,
    ...more,
  }) as unknown as TraceResult

const faults = [
  { kind: 'crash', since: 0, until: 60_000, detectedAt: 5000 },
  { kind: 'stuck workers', since: 0, until: 60_000 },
]

t.test('policy table › has a line for each policy, with intervals', async t => {
  const good = figuresOf([result({ broken: 1, admitMs: [80_000] }), result({ faults, endsAt: 60_000 })])
  const bad = figuresOf([result({ broken: 1, badAdmits: 1 }), result({ goodKills: 5, isFleetLost: true })])
  const text = policyTables({ seed: 1, traces: 2, hosts: 5, policies: { good, bad } })
  const [lost = '', asked = '', found = ''] = text.split('\n\n')
  const [head, , ...lines] = lost.split('\n')
  t.match(head, '| policy | bad admits')
  t.match(lines[0], /^\| `good` \| 0 \(0–79\) \| 0 \(0–66\) \|.* 80, 80 \|/)
  t.match(lines[1], /^\| `bad` \| 100 \(21–100\) \| 50 \(9–91\) \| 50 \(9–91\) \|/)
  t.equal(asked.split('\n')[2], '| `good` | 0.00, 0.00, 0.00 | 0.00, 0.00, 0.00 |')
  t.strictSame(found.split('\n'), [
    '| policy | crash | stuck workers |',
    '| --- | --- | --- |',
    '| `good` | 5, 5; 0 of 1 | none; 1 of 1 |',
    '| `bad` |  |  |',
  ])
})
