import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { statusDocument } from '../support/fake-daemon.ts'
import { isStatusDocument } from '../../src/status/is-status-document.ts'
import type { StatusDocument } from '../../src/status/status-document.ts'
import { statusReport } from '../../src/status/status-report.ts'

const now = new Date('2026-11-26T03:14:00Z')
const lines = (more: Partial<StatusDocument>): readonly string[] =>
  statusReport(statusDocument({ env: {} }, more), now).map(stripVTControlCharacters)

const source = {
  address: '10.0.1.7',
  checker: 'ELB-HealthChecker',
  time: '2026-11-26T03:13:56.000Z',
  probes: 812,
  answer: 200,
  answersInARow: 812,
  intervalSeconds: 15,
}

t.test('status › who probed last, what they got, how often they come; then what does not fit', async t => {
  const lint = [{ code: 'probe-refused', message: 'it gets 404; set its path' }]
  t.strictSame(lines({ probes: { sources: [source, source], lint } }).slice(0, 3), [
    'SERVING  200',
    'probes:  last 4s ago: 200 ×812 (10.0.1.7, ELB-HealthChecker, every 15s); 1 more in --json',
    'warn:    it gets 404; set its path',
  ])
  const socket = { time: source.time, probes: 1, answer: 503, answersInARow: 1 }
  t.equal(lines({ probes: { sources: [socket] } })[1], 'probes:  last 4s ago: 503 (a Unix socket)')
  t.equal(lines({ probes: { sources: [] } })[1], 'probes:  none so far')
  t.equal(lines({})[1], '', 'an older daemon tells nothing of them')
})

t.test('status › names the app, on a host with several', async t => {
  t.equal(lines({ serviceId: 'shop', releaseId: 'v7' })[0], 'SERVING  200   app shop   release v7')
  t.notOk(isStatusDocument({ ...statusDocument({ env: {} }), serviceId: 7 }))
})

t.test('status › probes and lifecycle in a status document are read, or it is none', async t => {
  const withIt = (more: object) => isStatusDocument({ ...statusDocument({ env: {} }), ...more })
  t.ok(withIt({ probes: { sources: [source], lint: [{ code: 'x', message: 'y' }] } }))
  t.ok(withIt({ lifecycle: { targetState: 'Standby', spot: { action: 'stop' } } }))
  for (const wrong of [
    { probes: [] },
    { probes: {} },
    { probes: { sources: [{}] } },
    { probes: { sources: [{ ...source, time: 4 }] } },
    { probes: { sources: [{ ...source, answer: 'x' }] } },
    { probes: { sources: [], lint: [{ code: 'x' }] } },
    { lifecycle: 'x' },
    { lifecycle: { spot: 'x' } },
    { lifecycle: { reason: 5 } },
  ])
    t.notOk(withIt(wrong), JSON.stringify(wrong))
})
