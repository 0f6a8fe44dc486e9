import * as program from '../../../src/monitor/cadence.ts'

export * from '../../../src/monitor/cadence.ts'

/** While starting, no check runs between two rounds. */
export const paceMs: typeof program.paceMs = (check, running) =>
  running.phase === 'starting' ? undefined : program.paceMs(check, running)
