import { createHash } from 'node:crypto'
import { policyOf } from '../config/config.ts'
import type { Config } from '../config/config.ts'
import { fingerprintOf } from '../config/fingerprint.ts'
import type { CheckKeys } from '../core/check.ts'
import { isMapping } from '../lib/json.ts'
import type { CheckSummary, Configured, PolicySummary } from './record.ts'

/** Keys that say when a check runs, or how it counts. All others say what it asks. */
const COUNTING = new Set([
  'interval',
  'fresh_for',
  'timeout',
  'patience',
  'healthy_threshold',
  'unhealthy_threshold',
  'gate',
  'depends_on',
  'shared',
])

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

/** Of the check as shown, without its secrets. `required` may be a list of names, which an env check asks for. */
const asks = (shown: unknown): string =>
  isMapping(shown)
    ? digest(
        Object.entries(shown).filter(
          ([key, value]) => !COUNTING.has(key) && !(key === 'required' && typeof value === 'boolean'),
        ),
      )
    : digest(shown)

const shownChecks = ({ shown }: Config): readonly unknown[] =>
  isMapping(shown) && Array.isArray(shown['checks']) ? shown['checks'] : []

const summaries = new WeakMap<Config, readonly CheckSummary[]>()

/** What a record says of each check of a configuration. */
export const checkSummariesOf = (config: Config): readonly CheckSummary[] => {
  const known = summaries.get(config) ?? summarise(config)
  summaries.set(config, known)
  return known
}

const summarise = (config: Config): readonly CheckSummary[] => {
  const shown = shownChecks(config)
  return policyOf(config).checks.map((policy, i) => {
    const check: CheckKeys = { ...config.checks[i] }
    const { type, patience } = check
    return {
      ...policy,
      type: typeof type === 'string' ? type : 'unknown',
      asks: asks(shown[i]),
      ...(typeof patience === 'number' && { patienceMs: patience }),
    }
  })
}

/** What a record says of how all checks of a configuration count together. */
export const policySummaryOf = (config: Config, { spread }: { readonly spread: number }): PolicySummary => ({
  startupHealthyThreshold: config.startup.healthy_threshold,
  spread,
  ...(config.peers !== undefined && { peers: digest(config.peers) }),
})

export const configuredBy = (config: Config, options: { readonly spread: number }): Configured => ({
  configHash: fingerprintOf(config),
  checks: checkSummariesOf(config),
  policy: policySummaryOf(config, options),
})
