import type { Policy } from '../../src/core/verdict.ts'

/** A hold of the same length for every cause, in milliseconds. */
export const holdFor = (ms: number): Policy['holdMs'] => ({ local: ms, shared: ms, busy: ms })
