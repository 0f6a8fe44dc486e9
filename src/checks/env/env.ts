import type { CheckType } from '../../core/check.ts'
import type { CheckContext } from '../context.ts'
import { envConfigSchema } from './config.ts'
import type { EnvConfig } from './config.ts'
import { createEnvCheck } from './env-check.ts'
import { envReasons } from './reasons.ts'
import type { EnvReason } from './reasons.ts'

/** Checks that every variable that the app declares is present, filled in and well formed. */
export const env: CheckType<EnvConfig, CheckContext, EnvReason> = {
  type: 'env',
  reasons: envReasons,
  componentType: 'component',
  schema: envConfigSchema,
  create: config => createEnvCheck(config),
}
