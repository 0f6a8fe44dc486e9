import { runTrace } from './run-trace.ts'
import { loadPolicies } from './policies/policies.ts'
import { countTurns } from './turns.ts'
import { parseArgs } from 'node:util'

countTurns()
const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '5' },
    hosts: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    policy: { type: 'string', default: 'default' },
    trace: { type: 'string' },
  },
})
const policy = (await loadPolicies()).get(values.policy)!
const seed = Number(values.seed)
const numbers = values.trace
  ? [Number(values.trace)]
  : Array.from({ length: Number(values.traces) }, (_, index) => index)
let hostHours = 0
const started = performance.now()
for (const trace of numbers) {
  const at = performance.now()
  const result = await runTrace({ seed, trace, hosts: Number(values.hosts), policy })
  hostHours += (Number(values.hosts) * (result.endsAt - 1_000_000)) / 3_600_000
  const flags = [
    result.badAdmits && `BAD ADMITS ${result.badAdmits}`,
    result.goodKills && `GOOD KILLS ${result.goodKills}`,
    result.isFleetLost && 'LOST',
    ...result.faults.map(f =>
      f.detectedAt === undefined ? `MISSED ${f.kind}` : `${f.kind} ${(f.detectedAt - f.since) / 1000}s`,
    ),
  ].filter(Boolean)
  console.log(trace, result.events.join(' + '), flags.join(', '), `${Math.round(performance.now() - at)}ms`)
  if (values.trace) {
    console.log(result.fleet)
    for (const { at, text } of result.story)
      console.log(((at - 1_000_000) / 1000).toFixed(1).padStart(9), text)
    console.log(result.users, result.admitMs)
  }
}
console.log(`${hostHours.toFixed(1)} host-hours in ${((performance.now() - started) / 1000).toFixed(1)} s`)
