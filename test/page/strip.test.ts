import t from 'tap'
import { stretchesIn } from '../../src/page/stretches.ts'
import { strip } from '../../src/page/strip.ts'
import type { Shades } from '../../src/page/strip.ts'
import { windowAt } from '../../src/page/window.ts'
import {
  TestHistory,
  allPass,
  failed,
  pageFails,
  pagePasses,
  start,
  stop,
} from '../support/history-records.ts'

const MINUTE_MS = 60_000
const began = Date.UTC(2026, 10, 26, 3)
const at = (second: number) => began + second * 1000

/** As seconds after 03:00. */
const seconds = <State>(
  stretches: readonly { readonly state: State; readonly from: number; readonly to: number }[],
) => stretches.map(({ state, from, to }) => [state, (from - began) / 1000, (to - began) / 1000])

t.test('stretches › of the answers and of each check, the latest of which goes on', async t => {
  const { records } = new TestHistory()
    .at(0, start)
    .at(1, { ...pagePasses, status: 'pass' })
    .at(60, pageFails)
    .at(60, failed, { verdict: 'fail' })
    .at(90, pagePasses)
    .at(90, allPass, { verdict: 'pass' })
    .at(100, { event: 'now' })
  const { answer, checks } = stretchesIn(records)
  t.strictSame(seconds(answer), [
    [200, 0, 60],
    [503, 60, 90],
    [200, 90, Infinity],
  ])
  t.strictSame(seconds(checks.get('page') ?? []), [
    ['pass', 1, 60],
    ['fail', 60, 90],
    ['pass', 90, Infinity],
  ])
})

t.test('stretches › end with a run of the daemon, whether it stopped or was killed', async t => {
  const { records } = new TestHistory()
    .at(0, start)
    .at(10, pageFails)
    .at(20, stop)
    .at(50, start, { pid: 2 })
    .at(51, pagePasses, { pid: 2 })
    .at(70, { event: 'alive' }, { pid: 2 })
    .at(100, start, { pid: 3 })
    .at(110, { event: 'alive' }, { pid: 3 })
  const { answer, checks } = stretchesIn(records)
  t.strictSame(seconds(answer), [
    [200, 0, 20],
    [200, 50, 70],
    [200, 100, 110],
  ])
  t.strictSame(seconds(checks.get('page') ?? []), [
    ['fail', 10, 20],
    ['pass', 51, 70],
  ])
})

t.test(
  'stretches › a check that is no longer configured ends; a clock that is set back takes nothing down',
  async t => {
    const history = new TestHistory().at(0, start).at(10, pageFails)
    history.at(20, {
      event: 'config',
      outcome: 'taken',
      configHash: '',
      checks: [],
      verdictBefore: 'pass',
      phaseBefore: 'serving',
    })
    history.clockMs = -3_600_000
    history.at(30, pagePasses).at(40, pageFails).at(50, { event: 'now' })
    t.strictSame(seconds(stretchesIn(history.records).checks.get('page') ?? []), [
      ['fail', 10, 20],
      ['pass', -3570, -3560],
      ['fail', -3560, Infinity],
    ])
    t.strictSame(stretchesIn([]), { answer: [], checks: new Map() })
  },
)

t.test('window › a day, or as much as a young history needs', async t => {
  const now = new Date(began)
  const nameOf = (ageMinutes: number | undefined) =>
    windowAt(now, ageMinutes === undefined ? undefined : began - ageMinutes * MINUTE_MS).name
  t.strictSame([undefined, 0, 15, 16, 61, 361, 1440, 9999].map(nameOf), [
    '5 minutes',
    '5 minutes',
    '15 minutes',
    '60 minutes',
    '6 hours',
    '24 hours',
    '24 hours',
    '24 hours',
  ])
})

const shades: Shades<'pass' | 'fail'> = new Map([
  ['fail', { className: 'fail', height: 24, word: 'fail' }],
  ['pass', { className: 'pass', height: 6, word: 'pass' }],
])
const shown = (stretches: Parameters<typeof strip<'pass' | 'fail'>>[0]) =>
  strip(stretches, {
    subject: 'page',
    id: 'strip-page',
    shades,
    window: { from: at(0), to: at(240), name: '4 minutes' },
  }).toString()

t.test('strip › one column for each second of four minutes, and the same in words', async t => {
  const svg = shown([
    { state: 'pass', from: at(-500), to: at(60) },
    { state: 'fail', from: at(60), to: at(70) },
    { state: 'pass', from: at(70), to: at(80) },
    { state: 'fail', from: at(80), to: at(80) },
    { state: 'pass', from: at(80), to: Infinity },
  ])
  t.match(svg, 'd="M60 0h11v24h-11zM80 0h1v24h-1z"', 'a trouble of no length is seen too')
  t.match(svg, 'd="M0 9h60v6h-60zM71 9h9v6h-9zM81 9h159v6h-159z"')
  t.match(
    svg,
    />page, last 4 minutes: fail for 10s in 2 stretches, the latest from 03:01:20 to 03:01:20; pass for 3m50s in 3 stretches, the latest since 03:01:20</,
  )
  t.match(svg, /role="img"\s+aria-labelledby="strip-page"/)
})

t.test('strip › of nothing, and of what was before', async t => {
  t.match(shown([]), /page, last 4 minutes: nothing is recorded</)
  t.match(shown([{ state: 'pass', from: at(-90), to: at(-10) }]), /nothing is recorded</)
  t.match(shown([{ state: 'pass', from: at(-90), to: Infinity }]), /: pass for 4m</)
})
