import t from 'tap'
import { isFeedDue, unitWatchdogMs, watchdogMsFor } from '../../src/systemd/watchdog.ts'

t.test('watchdog › is on where systemd has said so to this very process', async t => {
  t.equal(unitWatchdogMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 7), 30_000)
  t.equal(unitWatchdogMs({ WATCHDOG_USEC: '30000000' }, 7), 30_000)
  t.equal(unitWatchdogMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, 7), undefined, "a parent's")
  for (const WATCHDOG_USEC of ['0', '', '-1', '30s', undefined])
    t.equal(unitWatchdogMs({ WATCHDOG_USEC, WATCHDOG_PID: '7' }, 7), undefined, `${WATCHDOG_USEC}`)
})

t.test("watchdog › has the unit's time, or as much as checks that are seldom asked need", async t => {
  t.equal(watchdogMsFor(30_000, 13_000), 30_000)
  t.equal(watchdogMsFor(30_000, 300_000), 600_000)
})

t.test(
  'watchdog › is fed by an answer a quarter of its time after the last feed, and not before',
  async t => {
    const due = { watchdogMs: 30_000, overdue: [] }
    t.equal(isFeedDue({ ...due, sinceFedMs: 7499 }), false)
    t.equal(isFeedDue({ ...due, sinceFedMs: 7500 }), true)
  },
)

t.test('watchdog › is not fed while the answers of one check stay away', async t => {
  t.equal(isFeedDue({ watchdogMs: 30_000, sinceFedMs: 20_000, overdue: ['env'] }), false)
})
