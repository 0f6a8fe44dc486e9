import type { Finding } from '../../../src/core/finding.ts'
import type { SmokeConfig } from '../../../src/checks/smoke/config.ts'
import { smoke } from '../../../src/checks/smoke/smoke.ts'
import type { CheckContext } from '../../../src/checks/context.ts'

const never = () => Promise.reject(new Error('a smoke check asks no database'))

/** A context that lends nothing. */
export const context: CheckContext = {
  databases: { query: never, [Symbol.asyncDispose]: () => Promise.resolve() },
}

/** Runs a check of this configuration once. */
export const runSmoke = async (
  config: SmokeConfig,
  { timeoutMs = 5000 }: { readonly timeoutMs?: number } = {},
): Promise<Finding> => {
  await using check = smoke.create(config, context)
  return await check.run(AbortSignal.timeout(timeoutMs))
}

/** A finding's status and reason, for a comparison. */
export const gist = (finding: Finding): string =>
  finding.status === 'pass' ? 'pass' : `${finding.status} ${finding.reason}`

/** A finding's message, or nothing for a pass. */
export const messageOf = (finding: Finding): string => (finding.status === 'pass' ? '' : finding.message)
