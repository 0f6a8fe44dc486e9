import t from 'tap'
import { quantile, wilson } from './intervals.ts'

t.test("wilson › agrees with Newcombe's example of 81 in 263", async t => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table I
  const interval = wilson(81, 263)
  t.equal(interval?.from.toFixed(4), '0.2553')
  t.equal(interval?.to.toFixed(4), '0.3662')
})

t.test('wilson › says something of 0 in 20, and nothing of no trials', async t => {
  t.equal(wilson(0, 20)?.to.toFixed(3), '0.161')
  t.equal(wilson(0, 20)?.from, 0)
  t.equal(wilson(0, 0), undefined)
})

t.test('quantile › is one of the values', async t => {
  t.equal(quantile([3, 1, 2], 0.5), 2)
  t.equal(quantile([3, 1, 2], 1), 3)
  t.equal(quantile([], 0.5), undefined)
})
