import type * as program from '../../../src/core/check-state.ts'

export * from '../../../src/core/check-state.ts'

/** The last finding counts, however old it is. */
export const currentFinding: typeof program.currentFinding = state =>
  state.last?.finding ?? {
    status: 'unknown',
    reason: 'CHECK_NEVER_RAN',
    message: 'the check has not answered yet',
  }

export const currentUnknown: typeof program.currentUnknown = state => state.unknown
