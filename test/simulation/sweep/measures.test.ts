import t from 'tap'
import type { TraceResult } from '../run-trace.ts'
import { measures } from './measures.ts'

const result = (more: Partial<TraceResult>): TraceResult =>
  ({ goodKills: 0, badAdmits: 0, broken: 0, admitMs: [], faults: [], endsAt: 1e9, ...more }) as TraceResult

const measure = (name: string, results: readonly TraceResult[]) =>
  measures.find(each => each.name === name)?.of(results)

t.test('sweep measures › count traces with a good kill, and broken hosts that were admitted', async t => {
  const results = [result({ goodKills: 20 }), result({}), result({ broken: 2, badAdmits: 1 }), result({})]
  t.match(measure('good kills', results), { value: 25 })
  t.match(measure('bad admits', results), { value: 50 })
  t.ok(measure('good kills', results)!.low > 0)
  t.ok(measure('good kills', results)!.high < 100)
})

t.test('sweep measures › keep a fault until it is detected, or ends', async t => {
  const fault = { kind: 'crash', since: 0, until: 600_000 }
  const results = [result({ faults: [{ ...fault, detectedAt: 60_000 }, fault] })]
  t.match(measure('bad keeps', results), { value: 5.5 })
})

t.test('sweep measures › admission is the median up to the 95th percentile', async t => {
  const results = [result({ admitMs: [70_000, 60_000, 90_000] })]
  t.match(measure('admission', results), { value: 70, low: 70, high: 90 })
})

t.test('sweep measures › are absent where nothing can be measured', async t => {
  t.strictSame(
    measures.map(({ of }) => of([result({})]) !== undefined),
    [true, false, false, false],
  )
})
