import * as program from '../../../src/core/check-state.ts'

export * from '../../../src/core/check-state.ts'

/** A database that is slow explains nothing: it is as if no host shared it. */
export const warnsOfSharedTrouble: typeof program.warnsOfSharedTrouble = finding =>
  program.warnsOfSharedTrouble(finding, { shared: false })
