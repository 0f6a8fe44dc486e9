import { generalReasons } from '../core/reason.ts'
import { command } from './command/command.ts'
import { disk } from './disk/disk.ts'
import { env } from './env/env.ts'
import { migrations } from './migrations/migrations.ts'
import { postgresCheck } from './postgres/postgres-check.ts'
import { smoke } from './smoke/smoke.ts'
import { tcp } from './tcp/tcp.ts'

/** Every check type. To add one: a folder beside this file, and a line here. */
export const checkTypes = [smoke, migrations, env, postgresCheck, tcp, command, disk] as const

/** Why a finding is not a pass: the closed list that alerts and runbooks rely on. */
export type ReasonCode = (typeof generalReasons | (typeof checkTypes)[number]['reasons'])[number]

export const reasonCodes: readonly ReasonCode[] = [
  ...new Set([...generalReasons, ...checkTypes.flatMap(({ reasons }): readonly ReasonCode[] => reasons)]),
]
