import { env } from './env/env.ts'
import { migrations } from './migrations/migrations.ts'
import { postgresCheck } from './postgres/postgres-check.ts'
import { smoke } from './smoke/smoke.ts'

/** Every type of check. To add one: a folder beside this file, and a line here. */
export const checkTypes = [smoke, migrations, env, postgresCheck] as const
