import type * as program from '../../../src/core/check-state.ts'

export * from '../../../src/core/check-state.ts'

/** A probe is answered from whatever was found last: it reruns nothing. */
export const isFresh: typeof program.isFresh = state => state.last !== undefined
