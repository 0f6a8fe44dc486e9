import t from 'tap'
import { meanInterval, medianInterval, quantile, wilson } from './intervals.ts'

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

t.test('mean interval › is 1.96 standard errors wide on each side, and never below 0', async t => {
  const { from, to } = meanInterval([1, 2, 3, 4, 5])!
  t.equal(from.toFixed(3), '1.614')
  t.equal(to.toFixed(3), '4.386')
  t.equal(meanInterval([0, 0, 0, 9])?.from, 0)
  t.equal(meanInterval([1]), undefined)
})

t.test('median interval › lies between two of the values, by their ranks', async t => {
  // W. J. Conover, Practical Nonparametric Statistics (1999), 3.2: of 100 values the 40th and the 61st
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  t.strictSame(medianInterval(values), { from: 40, to: 61 })
  t.equal(medianInterval([1, 2, 3]), undefined)
})
