import t from 'tap'
import { loadPolicies } from './policies/policies.ts'
import { runTrace } from './run-trace.ts'
import { countTurns } from './turns.ts'

countTurns()
const policies = await loadPolicies()
const run = (trace: number) => runTrace({ seed: 1, trace, hosts: 3, policy: policies.get('default')! })

t.test('a trace › is the same each time, alone or beside others', async t => {
  const alone = await run(10)
  const [beside] = await Promise.all([run(10), run(7)])
  t.strictSame(beside, alone)
})

t.test('a trace › of stuck workers ends with that host out of service, and no other', async t => {
  const { events, faults, goodKills, badAdmits } = await run(10)
  t.strictSame(events, ['stuck workers'])
  t.match(faults, [{ kind: 'stuck workers', detectedAt: Number }])
  t.equal(goodKills + badAdmits, 0)
})
