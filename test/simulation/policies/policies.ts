import { loadConfig } from '../../../src/config/load.ts'
import { EXPECTED_TEXT } from '../models/page.ts'
import { ours } from './ours.ts'
import type { Policy } from './policy.ts'
import { shallow } from './shallow.ts'

/** What a plain host gives to the built-in configuration. */
const ENVIRONMENT = {
  HEALTH_SIDECAR_TARGET: 'http+unix:/run/app.sock',
  HEALTH_SIDECAR_EXPECT_BODY: EXPECTED_TEXT,
  HEALTH_SIDECAR_ENV_FILE: '/etc/application/env-vars',
  HEALTH_SIDECAR_MANIFEST: '/srv/app/migrations.json',
}

/** Every policy, by its name. */
export const loadPolicies = async (): Promise<ReadonlyMap<string, Policy>> => {
  const config = await loadConfig(undefined, ENVIRONMENT)
  const all = [ours('default', config), ours('peers', { ...config, peers: 'dns:fleet' }), shallow]
  return new Map(all.map(policy => [policy.name, policy]))
}
