import { parentPort, workerData } from 'node:worker_threads'
import { TimeLimitError, runWithin } from '../../lib/run-within.ts'
import { createViolations } from './find-violations.ts'
import type { Violation } from './find-violations.ts'

// The thread that compiles a schema of the environment and compares variables with it, once.

export interface SchemaTask {
  readonly text: string
  readonly values: ReadonlyMap<string, string>
  /** CPU time of this thread. */
  readonly limitMs: number
}

export type SchemaAnswer =
  | { readonly kind: 'compared'; readonly violations: readonly Violation[] }
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'slow' }

/** A schema can say the same of a variable in many places. */
const distinct = (violations: readonly Violation[]): readonly Violation[] => [
  ...new Map(violations.map(violation => [JSON.stringify(violation), violation])).values(),
]

const answerTo = ({ text, values, limitMs }: SchemaTask): SchemaAnswer => {
  try {
    return {
      kind: 'compared',
      violations: runWithin(() => distinct(createViolations(text)(values)), limitMs),
    }
  } catch (error) {
    if (error instanceof TimeLimitError) return { kind: 'slow' }
    return { kind: 'unusable', message: error instanceof Error ? error.message : 'it cannot be compiled' }
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(answerTo(workerData))
