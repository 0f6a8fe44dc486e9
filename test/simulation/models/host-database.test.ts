import t from 'tap'
import { ManualClock } from '../../support/manual-clock.ts'
import { Database } from './database.ts'
import { createHostDatabase } from './host-database.ts'

const host = () => {
  const clock = new ManualClock()
  const database = new Database(() => 1_000_000 + clock.now())
  const databases = createHostDatabase('this', { clock, database, random: () => 0 })
  const count = (counts: readonly number[]) => counts.reduce((sum, each) => sum + each, 0)
  return {
    clock,
    ask: (fresh = false) => databases.query('', { text: '', fresh, signal: AbortSignal.timeout(60_000) }),
    asked: () => [count(database.logins.counts), count(database.queries.counts)],
  }
}

t.test('a host’s database › two checks at once share one login, as the program’s do', async t => {
  const { clock, ask, asked } = host()
  const both = Promise.all([ask(), ask()])
  await clock.advance(100)
  t.match(await both, [{ ok: true }, { ok: true }])
  t.strictSame(asked(), [1, 2])
})

t.test('a host’s database › a fresh look logs in for itself', async t => {
  const { clock, ask, asked } = host()
  const both = Promise.all([ask(), ask(true)])
  await clock.advance(100)
  t.match(await both, [{ ok: true }, { ok: true }])
  t.strictSame(asked(), [2, 2])
})
