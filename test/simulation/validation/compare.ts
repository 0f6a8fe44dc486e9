import type { Config } from '../../../src/config/config.ts'
import { withPeers } from '../policies/our-config.ts'
import { ours } from '../policies/ours.ts'
import type { Policy } from '../policies/policy.ts'
import { shallow } from '../policies/shallow.ts'
import { strict } from '../policies/strict.ts'
import { readGauntletTable, systems } from './gauntlet-table.ts'
import type { Result, System } from './gauntlet-table.ts'
import { runScenario } from './run-scenario.ts'
import { PROBE_SECONDS } from './scenario.ts'
import type { Scenario } from './scenario.ts'

/** One scenario under one system: what the gauntlet saw, and what the simulation says. */
export interface Comparison {
  readonly scenario: string
  readonly system: System
  readonly real: Result
  readonly simulated: Result
  /** How far apart two times may be. */
  readonly spreadSeconds: number
}

/** The same verdict, and for a fault that was found the same time, as exactly as probes can tell. */
export const agrees = ({ real, simulated, spreadSeconds }: Comparison): boolean =>
  real.verdict === simulated.verdict &&
  Math.abs((real.seconds ?? 0) - (simulated.seconds ?? 0)) <= spreadSeconds

const policiesFor = (
  config: Config,
  { withPeers: hasPeers }: Scenario,
): Readonly<Record<System, Policy>> => ({
  sidecar: ours('sidecar', hasPeers ? withPeers(config) : config),
  strict: strict(config),
  shallow,
})

/** Runs a scenario under the program and both baselines. Throws if the gauntlet has no scenario of this name. */
export const compare = async (
  scenario: Scenario,
  { config, seed }: { readonly config: Config; readonly seed: number },
): Promise<readonly Comparison[]> => {
  const real = readGauntletTable().get(scenario.name)
  if (!real) throw new TypeError(`the gauntlet has no scenario ‘${scenario.name}’`)
  const policies = policiesFor(config, scenario)
  const comparisons: Comparison[] = []
  for (const system of systems) {
    const simulated = await runScenario(scenario, { policy: policies[system], seed })
    const spreadSeconds = (scenario.kind === 'own' && scenario.spreadSeconds) || PROBE_SECONDS
    comparisons.push({ scenario: scenario.name, system, real: real[system], simulated, spreadSeconds })
  }
  return comparisons
}
