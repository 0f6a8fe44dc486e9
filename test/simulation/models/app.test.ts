import t from 'tap'
import { ManualClock } from '../../support/manual-clock.ts'
import { createRandom } from '../../support/random.ts'
import { App } from './app.ts'
import { alwaysWarm } from './app-spec.ts'
import type { AppSpec } from './app-spec.ts'
import { Database } from './database.ts'
import { plainApp } from './plain-app.ts'

/** Milliseconds that a page takes so long after the app's start. The same is drawn each time. */
const pageMs = async (
  warmUp: AppSpec['warmUp'],
  afterMs: number,
  { starts = true } = {},
): Promise<number> => {
  const clock = new ManualClock()
  const spec = { ...plainApp, workers: 1, serviceMs: 1000, warmUp }
  const database = new Database(() => 1_000_000 + clock.now())
  const app = new App({ host: 'this', spec, clock, random: createRandom(1), database })
  if (starts) app.setFault({ kind: 'down', leavesSocket: false })
  app.setFault(undefined)
  await clock.advance(afterMs)
  const askedAt = clock.now()
  let answeredAt = Infinity
  void app.request('home').outcome.then(() => (answeredAt = clock.now()))
  await clock.advance(60_000)
  return answeredAt - askedAt
}

t.test('an app › is slow after its start, and ever less so', async t => {
  const usual = await pageMs(alwaysWarm, 0)
  const cold = { factor: 5, ms: 20_000 }
  const times = (ms: number) => Math.round((ms / usual) * 100) / 100
  t.equal(times(await pageMs(cold, 0)), 5)
  t.equal(times(await pageMs(cold, 10_000)), 3)
  t.equal(times(await pageMs(cold, 20_000)), 1)
  for (const warmUp of [cold, alwaysWarm])
    t.equal(times(await pageMs(warmUp, 0, { starts: false })), 1, 'but not if it has run for long')
})
