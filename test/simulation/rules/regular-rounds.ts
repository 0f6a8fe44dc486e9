import * as program from '../../../src/monitor/cadence.ts'

export * from '../../../src/monitor/cadence.ts'

/** The rounds of a start keep time: what flaps can keep in step with them. */
export const roundSpacingMs: typeof program.roundSpacingMs = policy => program.roundSpacingMs(policy, 0.5)
