import t from 'tap'
import { chancePeak, hourFigures } from './hour-figures.ts'
import { HOUR } from './run-hour.ts'

t.test('hour › a small mean has a high peak by chance, and a large one has not', async t => {
  t.equal(chancePeak(0, 300), 0)
  // of Poisson's distribution with mean 1, 0.37 % is beyond 4, and 0.06 % beyond 5
  t.equal(chancePeak(1, 200), 4)
  t.equal(chancePeak(1, 1000), 5)
  const large = chancePeak(2000, 300)
  t.ok(large > 2100 && large < 2200, `${large}`)
})

t.test('hour › what the groups ask in one second is added up', async t => {
  const group = {
    queries: Array.from({ length: 3600 }, () => 2),
    logins: Array.from({ length: 3600 }, (_, second) => (second === HOUR.outage.from / 1000 ? 30 : 0)),
    kept: Array.from({ length: 3600 }, () => 10),
    events: 1,
    goodKills: 0,
    cpuMs: 1000,
  }
  const figures = hourFigures([group, group], { hosts: 20, wallSeconds: 1, peakMebibytes: 1 })
  t.match(
    figures.parts.find(({ part }) => part === 'outage'),
    { queries: { mean: 4, peak: 4 }, logins: { mean: 0.2, peak: 60 }, kept: 20 },
  )
  t.match(
    figures.parts.find(({ part }) => part === 'recovery'),
    { logins: { mean: 0, peak: 0 } },
  )
  t.match(figures, { events: 2, cpuSeconds: 2 })
})
