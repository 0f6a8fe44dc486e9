import { applyDefaults } from '../../../src/config/validate.ts'
import { convertUnits } from '../../../src/config/convert-units.ts'
import { createInstanceMetadata } from '../../../src/connect/instance-metadata.ts'
import type { Check } from '../../../src/core/check.ts'
import type { Finding } from '../../../src/core/finding.ts'
import type { SmokeConfig } from '../../../src/checks/smoke/config.ts'
import { smokeWith } from '../../../src/checks/smoke/smoke.ts'
import type { SmokeOptions } from '../../../src/checks/smoke/smoke.ts'
import type { CheckContext } from '../../../src/checks/context.ts'

const never = () => Promise.reject(new Error('a smoke check asks no database'))

/** A context that lends no database. */
const contextAt = (endpoint: string): CheckContext => ({
  databases: { query: never, [Symbol.asyncDispose]: () => Promise.resolve() },
  metadata: createInstanceMetadata(endpoint),
})

/** The keys that a user writes. Durations are milliseconds and sizes are bytes. */
export type SmokeKeys = Partial<Omit<SmokeConfig, 'expect'>> & {
  readonly target: string
  readonly expect?: Partial<SmokeConfig['expect']>
}

/** A check of a configuration file, with the schema's defaults. Units are still text. */
export const withDefaults = <Keys extends object>(keys: Keys): Keys => {
  const check = structuredClone({ type: 'smoke', ...keys })
  applyDefaults({ checks: [check] })
  return check
}

/** What the check is created from. */
const completed = (keys: SmokeKeys): SmokeConfig => {
  const check = withDefaults(keys)
  convertUnits({ checks: [check] })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the defaults are in place now
  return check as SmokeConfig
}

/** A check with the defaults of the schema. */
export const createSmoke = (
  keys: SmokeKeys,
  {
    imdsEndpoint = 'http://127.0.0.1:1',
    release,
    hasServed = false,
    silentForMs = 0,
    ...options
  }: SmokeOptions &
    Pick<CheckContext, 'release' | 'hasServed' | 'silentForMs'> & { readonly imdsEndpoint?: string } = {},
): Check =>
  smokeWith(options).create(completed(keys), {
    ...contextAt(imdsEndpoint),
    ...(release && { release }),
    hasServed,
    silentForMs,
  })

/** For a run whose time is to be up. On a busy machine, too, what the app has sent arrives before. */
export const SHORT_MS = 1500

/** Runs a check of this configuration once. */
export const runSmoke = async (
  keys: SmokeKeys,
  { timeoutMs = 20_000 }: { readonly timeoutMs?: number } = {},
): Promise<Finding> => {
  await using check = createSmoke(keys)
  return await check.run(AbortSignal.timeout(timeoutMs))
}

/** A finding's status and reason, for a comparison. */
export const gist = (finding: Finding): string =>
  finding.status === 'pass' ? 'pass' : `${finding.status} ${finding.reason}`

/** A finding's message, or nothing for a pass. */
export const messageOf = (finding: Finding): string => (finding.status === 'pass' ? '' : finding.message)
