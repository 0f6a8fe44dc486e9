import { once } from 'node:events'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import { fingerprint } from './environ.ts'
import type { EnvSchema } from './env-schema.ts'
import type { Violation } from './find-violations.ts'
import type { SchemaAnswer, SchemaTask } from './schema-main.ts'
import { schemaProgram } from './schema-program.ts'

/** Far more than a schema of hundreds of variables takes. */
const LIMIT_MS = 2000
const MAX_HEAP_MB = 96

export type Comparison =
  | { readonly kind: 'compared'; readonly violations: readonly Violation[] }
  | { readonly kind: 'unusable' | 'costly'; readonly message: string }

/** Compares variables with a JSON Schema. */
export interface SchemaComparison extends Disposable {
  /** Never rejects. If the signal is aborted first, it goes on, and the next call finds its result. */
  compare(schema: EnvSchema, values: ReadonlyMap<string, string>, signal: AbortSignal): Promise<Comparison>
}

const costly = (what: string): Comparison => ({
  kind: 'costly',
  message: `the schema takes more than ${what}; write a simpler one, and look first at its patterns`,
})

const OUT_OF_TIME = costly('the timeout of the check')

const comparisonOf = (answer: SchemaAnswer, limitMs: number): Comparison => {
  if (answer.kind === 'slow') return costly(`${limitMs / 1000} s of CPU time on these variables`)
  return answer.kind === 'compared'
    ? answer
    : { kind: 'unusable', message: `it cannot be compiled: ${answer.message}` }
}

/** In a thread of its own, which ends then. */
const compareInThread = async (task: SchemaTask, stop: AbortSignal): Promise<Comparison> => {
  const { Worker } = await import('node:worker_threads')
  const { program, isText } = schemaProgram()
  const worker = new Worker(program, {
    eval: isText,
    workerData: task,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 16 },
  })
  // it can fail a second time while it is ended
  worker.on('error', () => {})
  try {
    const [answer] = await once(worker, 'message', { signal: stop })
    return comparisonOf(answer, task.limitMs)
  } catch {
    return stop.aborted ? OUT_OF_TIME : costly(`${MAX_HEAP_MB} MB of memory`)
  } finally {
    void worker.terminate()
  }
}

/**
 * A schema is compiled and compared in a thread of its own, within limits: nothing that it says holds up this one. The last
 * comparison is kept, so a thread is started only after the schema or the variables have changed.
 */
export const createSchemaComparison = ({ limitMs = LIMIT_MS } = {}): SchemaComparison => {
  let last: { readonly of: string; readonly comparison: Promise<Comparison> } | undefined
  let stop = new AbortController()

  return {
    async compare({ text }, values, signal) {
      const of = fingerprint(JSON.stringify([text, ...values]))
      if (last?.of !== of) {
        stop.abort()
        stop = new AbortController()
        last = { of, comparison: compareInThread({ text, values, limitMs }, stop.signal) }
      }
      const comparison = await beforeAbort(last.comparison, signal)
      return comparison === TIME_IS_UP ? OUT_OF_TIME : comparison
    },
    [Symbol.dispose]: () => stop.abort(),
  }
}
