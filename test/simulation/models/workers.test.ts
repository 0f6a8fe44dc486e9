import t from 'tap'
import { createRandom } from '../../support/random.ts'
import { alwaysWarm } from './app-spec.ts'
import { plainApp } from './plain-app.ts'
import { Workers } from './workers.ts'
import type { Work } from './workers.ts'

const spec = { ...plainApp, workers: 2, serviceMs: 100, warmUp: alwaysWarm }

/** Workers whose every page takes as long. */
const workersOf = ({ ms = 100, rate = 0 } = {}) => {
  const workers = new Workers<Work>({ spec, random: createRandom(1), startAt: 0 })
  const figures = { served: 0, failed: 0 }
  const load = { rate, work: () => ({ ms, isServed: true }), isTroubled: true, isStuck: false, figures }
  return { workers, load, figures }
}

t.test('workers › take requests in order, each as soon as one is free', async t => {
  const { workers, load } = workersOf()
  const done: number[] = []
  for (let count = 0; count < 5; count += 1)
    workers.add({ begun: (_, doneAt) => void done.push(doneAt) }, load)
  t.strictSame(done, [100, 100], 'two workers are free')
  workers.catchUp(250, load)
  t.strictSame(done, [100, 100, 200, 200, 300])
})

t.test('workers › decide what a page is like when a worker takes it, not when it comes', async t => {
  const { workers, load } = workersOf()
  const done: number[] = []
  for (let count = 0; count < 3; count += 1)
    workers.add({ begun: (_, doneAt) => void done.push(doneAt) }, load)
  workers.catchUp(500, { ...load, work: () => ({ ms: 1, isServed: true }) })
  t.strictSame(done, [100, 100, 101])
})

t.test('workers › serve what they can, and refuse what the backlog cannot hold', async t => {
  const { workers, load, figures } = workersOf({ rate: 0.04 })
  workers.catchUp(100_000, load)
  const done = figures.served + figures.failed
  t.ok(done > 3500 && done < 4500, `${done} of about 4,000 requests came`)
  t.ok(Math.abs(figures.served - 2000) < 25, `${figures.served} of at most 2,000 were served`)
  t.ok(workers.isFull || figures.failed > 1500)
})

t.test('workers › take nothing while they are stuck', async t => {
  const { workers, load, figures } = workersOf({ rate: 0.01 })
  workers.catchUp(10_000, { ...load, isStuck: true })
  t.equal(figures.served, 0)
  t.ok(workers.isFull)
  workers.clear(figures)
  t.notOk(workers.isFull)
  t.ok(figures.failed >= 90, `${figures.failed} of about 100 failed`)
})
