import type { CheckConfig } from '../../../src/config/check-schemas.ts'
import type { Config } from '../../../src/config/config.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { EXPECTED_TEXT } from '../models/page.ts'

/** What a plain host gives to the built-in configuration. */
const ENVIRONMENT = {
  HEALTH_SIDECAR_TARGET: 'http+unix:/run/app.sock',
  HEALTH_SIDECAR_EXPECT_BODY: EXPECTED_TEXT,
  HEALTH_SIDECAR_ENV_FILE: '/etc/application/env-vars',
  HEALTH_SIDECAR_MANIFEST: '/srv/app/migrations.json',
}

/** The built-in configuration, with every default. */
export const loadOurConfig = (): Promise<Config> => loadConfig(undefined, ENVIRONMENT)

/** The same with peers: all other hosts of the fleet. */
export const withPeers = (config: Config): Config => ({ ...config, peers: 'dns:fleet' })

/** Keys of checks that a simulation changes, as they are once a configuration is read: durations in milliseconds. */
export type CheckChanges = Partial<CheckConfig> & { readonly patience?: number }

/** Changes some keys of every check of a type, or of all. */
export const changeChecks = (config: Config, changes: CheckChanges, type?: string): Config => ({
  ...config,
  checks: config.checks.map(check =>
    type === undefined || check.type === type ? { ...check, ...changes } : check,
  ),
})
