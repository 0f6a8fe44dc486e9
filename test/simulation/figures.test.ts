import t from 'tap'
import { figuresOf } from './figures.ts'
import type { TraceResult } from './run-trace.ts'
import { tables } from './table.ts'

const asked = { queries: 0, logins: 0, seconds: 0 }

const result = (more: Partial<TraceResult> = {}): TraceResult => ({
  trace: 0,
  events: [],
  fleet: '',
  badAdmits: 0,
  broken: 0,
  goodKills: 0,
  killsBeyondPatience: 0,
  isFleetLost: false,
  smallestShare: 1,
  admitMs: [],
  faults: [],
  database: { steady: asked, outage: asked, end: asked },
  users: { served: 9, failed: 1 },
  endsAt: 0,
  story: [],
  ...more,
})

const found = { kind: 'crash', since: 0, until: 60_000, detectedAt: 5000 }
const missed = { kind: 'crash', since: 0, until: 60_000 }
const results = [
  result({ broken: 3, badAdmits: 1, admitMs: [80_000] }),
  result({ faults: [found, missed], endsAt: 60_000 }),
  result({ trace: 2, goodKills: 2, isFleetLost: true }),
  result(),
]

t.test('figures › have plain numbers in JSON, and their intervals beside them', async t => {
  const figures = JSON.parse(JSON.stringify(figuresOf(results)))
  t.match(figures, {
    badAdmits: 1,
    goodKills: 2,
    fleetsLost: 1,
    badKeepMinutes: 1.1,
    recall: 3 / 5,
    precision: 3 / 5,
    detection: { median: 5, p95: 5 },
    admit: { median: 80, p95: 80 },
    wrong: [0, 2],
  })
  for (const name of ['badAdmits', 'goodKills', 'fleetsLost', 'recall', 'precision', 'badKeepMinutes'])
    t.match(figures.intervals[name], { from: Number, to: Number }, name)
  t.strictSame([figures.intervals.detection, figures.intervals.admit], [null, null], 'too few to tell')
})

t.test('figures › of nothing are null, and not absent', async t => {
  t.match(JSON.parse(JSON.stringify(figuresOf([result()]))), {
    recall: null,
    precision: null,
    detection: { median: null, p95: null },
    admit: { median: null, p95: null },
    intervals: { recall: null, precision: null, badAdmits: null, detection: null },
  })
})

t.test('table › tells the seed, and the intervals', async t => {
  const text = tables({ seed: 7, traces: 4, hosts: 3, policies: { default: figuresOf(results) } })
  t.match(text, /^Seed 7: 4 traces of 3 hosts\n/)
  t.match(text, '| traces with a good kill per 1,000 (95 %) | 250 (45.6 to 699.4) |')
  t.match(text, '| share of broken hosts that were admitted (95 %) | 0.333 (0.061 to 0.792) |')
  t.match(text, '| recall (95 %) | 0.600 (0.231 to 0.882) |')
  t.match(text, '| crash | 5 s, 5 s; 1 of 2 missed |')
})
