import t from 'tap'
import { loadOurConfig } from '../policies/our-config.ts'
import { countTurns } from '../turns.ts'
import { agrees, compare } from './compare.ts'
import { readCell, readGauntletTable } from './gauntlet-table.ts'
import { scenarios } from './scenarios.ts'

countTurns()
const config = await loadOurConfig()

t.test('validation › reads the cells of the gauntlet’s tables', async t => {
  t.strictSame(readCell('kept out: SMOKE_CLOSED'), { verdict: 'kept out' })
  t.strictSame(readCell('ADMITTED at 6 s'), { verdict: 'admitted' })
  t.strictSame(readCell('none (0/68 probes failed)'), { verdict: 'none killed' })
  t.strictSame(readCell('KILLED 1 of 2 (4/34 probes failed)'), { verdict: 'killed' })
  t.strictSame(readCell('4.7 s, worst 4.8 s'), { verdict: 'found', seconds: 4.7 })
  t.strictSame(readCell('KEPT 3 of 3'), { verdict: 'kept' })
  t.throws(() => readCell('fine'))
  t.ok(readGauntletTable().size > 100)
})

t.test(
  'validation › does not agree on another verdict, or on a time that a probe could tell apart',
  async t => {
    const real = { verdict: 'found', seconds: 10 } as const
    const comparison = { scenario: '', system: 'sidecar', real, spreadSeconds: 6 } as const
    t.ok(agrees({ ...comparison, simulated: { verdict: 'found', seconds: 15 } }))
    t.notOk(agrees({ ...comparison, simulated: { verdict: 'found', seconds: 17 } }))
    t.notOk(agrees({ ...comparison, simulated: { verdict: 'kept' } }))
  },
)

for (const scenario of scenarios)
  t.test(`validation › simulated as real: ${scenario.name}`, async t => {
    for (const comparison of await compare(scenario, { config, seed: 1 }))
      t.ok(agrees(comparison), comparison.system, comparison)
  })
