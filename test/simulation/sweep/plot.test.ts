import t from 'tap'
import { axisTop, drawPlot } from './plot.ts'
import type { Point } from './plot.ts'

const point = (label: string, value: number, more: Partial<Point> = {}): Point => ({
  label,
  value,
  low: value,
  high: value,
  isDefault: false,
  ...more,
})

const example = () =>
  drawPlot({
    title: 'A <plot> & more',
    description: 'Five loses least.',
    columns: ['rounds', 'hold'],
    empty: 'not measured',
    note: 'shaded: the default',
    rows: [
      {
        title: 'bad admits\nper 1,000 traces',
        curves: [
          [point('1', 40), point('5', 0, { isDefault: true, high: 3 })],
          [point('1m', 7), point('15m', 0, { isDefault: true })],
        ],
      },
    ],
  })

t.test('plot › names itself, and says in words what it shows', async t => {
  const svg = example()
  t.match(svg, '<title id="title">A &lt;plot&gt; &amp; more</title>')
  t.match(svg, '<desc id="desc">Five loses least.</desc>')
  t.match(svg, 'role="img" aria-labelledby="title desc"')
})

t.test('plot › marks the default, and gives each point with its interval', async t => {
  const svg = example()
  t.equal(svg.match(/class="default"/g)?.length, 2)
  t.match(svg, '<title>1: 40 (40 to 40)</title>')
  t.match(svg, '<title>5: 0 (0 to 3)</title>')
  t.equal(svg.match(/class="interval"/g)?.length, 1, 'an interval without a width is not drawn')
})

t.test('plot › says where nothing was measured', async t => {
  const svg = drawPlot({
    title: '',
    description: '',
    columns: ['rounds'],
    empty: 'not measured',
    note: 'shaded: the default',
    rows: [{ title: 'bad admits', curves: [[]] }],
  })
  t.match(svg, '>not measured</text>')
})

t.test('plot › refers to nothing outside, and has colours for both schemes', async t => {
  const svg = example().replace('xmlns="http://www.w3.org/2000/svg"', '')
  t.notMatch(svg, /https?:|url\(|<script|<image|@import/)
  t.match(svg, 'prefers-color-scheme: dark')
})

t.test('plot › all curves of a measure have the same scale', async t => {
  const heights = Array.from(
    example().matchAll(/<circle class="point" cx="[\d.]+" cy="([\d.]+)"/g),
    ([, y]) => Number(y),
  )
  t.equal(heights.length, 4)
  const [forty = 0, none = 0, seven = 0, noneAgain = 0] = heights
  t.equal(none, noneAgain)
  t.ok(forty < seven && seven < none)
})

t.test('plot › an axis ends at a round number that no value exceeds', async t => {
  t.strictSame([0, 0.3, 1, 1.1, 7, 40, 100, 101].map(axisTop), [1, 0.5, 1, 2, 10, 50, 100, 200])
})
