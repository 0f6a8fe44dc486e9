import * as program from '../../../src/monitor/cadence.ts'
import { settingOf } from './setting.ts'

export * from '../../../src/monitor/cadence.ts'

/** The rounds of a start are so many times as far apart as the program's own. */
const factor = settingOf(import.meta.url)

export const roundSpacingMs: typeof program.roundSpacingMs = (policy, random) =>
  factor * program.roundSpacingMs(policy, random)
