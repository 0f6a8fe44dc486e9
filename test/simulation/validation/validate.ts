/**
 * `npm run simulate:validate [-- SEED]`: scenarios of the gauntlet, simulated, beside its real results. Exit code 1 if a
 * verdict differs.
 */
import { loadOurConfig } from '../policies/our-config.ts'
import { countTurns } from '../turns.ts'
import { agrees, compare } from './compare.ts'
import type { Comparison } from './compare.ts'
import type { Result } from './gauntlet-table.ts'
import { scenarios } from './scenarios.ts'

countTurns()
const seed = Number(process.argv[2] ?? 1)

const textOf = ({ verdict, seconds }: Result): string =>
  seconds === undefined ? verdict : `${verdict}, ${seconds.toFixed(1)} s`

const cellOf = (comparison: Comparison): string => {
  const { real, simulated } = comparison
  if (!agrees(comparison)) return `DIFFERS: ${textOf(real)}; simulated ${textOf(simulated)}`
  return real.seconds === undefined ? textOf(real) : `${textOf(real)}; simulated ${textOf(simulated)}`
}

const config = await loadOurConfig()
const all: Comparison[] = []
console.log('| scenario | health-sidecar | strict | shallow |\n| --- | --- | --- | --- |')
for (const scenario of scenarios) {
  const comparisons = await compare(scenario, { config, seed })
  all.push(...comparisons)
  console.log(`| ${[scenario.name, ...comparisons.map(cellOf)].join(' | ')} |`)
}
const same = all.filter(agrees).length
console.log(`\nseed ${seed}: ${same} of ${all.length} verdicts of ${scenarios.length} scenarios are the same`)
process.exitCode = same === all.length ? 0 : 1
