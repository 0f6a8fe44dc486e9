import type { CheckPolicy } from '../../src/core/check-state.ts'
import type { CheckSummary } from '../../src/history/record.ts'

/** A check as it is by default, but for what a test says. */
export const checkPolicy = (name: string, overrides: Partial<CheckPolicy> = {}): CheckPolicy => ({
  name,
  intervalMs: 10_000,
  freshForMs: 1000,
  timeoutMs: 2000,
  healthyThreshold: 1,
  unhealthyThreshold: 1,
  required: true,
  gate: 'always',
  dependsOn: [],
  shared: false,
  ...overrides,
})

/** The same, as a record of the history says it. */
export const checkSummary = (name: string, overrides: Partial<CheckSummary> = {}): CheckSummary => ({
  ...checkPolicy(name),
  type: 'smoke',
  asks: `what ${name} asks`,
  ...overrides,
})
