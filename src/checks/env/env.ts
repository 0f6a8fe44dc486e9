import type { CheckType } from '../../core/check.ts'
import type { CheckContext } from '../context.ts'
import { envConfigSchema } from './config.ts'
import type { EnvConfig } from './config.ts'
import { createEnvCheck } from './env-check.ts'

/** Is every variable that the app declares present, filled in and well formed? */
export const env: CheckType<EnvConfig, CheckContext> = {
  type: 'env',
  componentType: 'component',
  schema: envConfigSchema,
  create: config => createEnvCheck(config),
}
