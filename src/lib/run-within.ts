import { Script, createContext } from 'node:vm'
import { isMapping } from './json.ts'

/** Work that did not finish within its time limit. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError'
}

/** The limit of one call: an answer is due within seconds, and nothing else runs meanwhile. */
const LIMIT_MS = 50

const WORK = new Script('work()')
let context: { work?: () => unknown } | undefined

/** The error belongs to the context: it is no `Error` of this one. */
const isTimeout = (error: unknown): boolean =>
  isMapping(error) && error['code'] === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/** CPU time of this thread in milliseconds; where Node cannot tell it, that of the process. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Runs synchronous work, such as a regular expression from a configuration, and stops it at the limit. V8 can interrupt
 * an expression that backtracks. On a host without CPU time to give, work that was stopped before it ran is retried.
 * Throws a TimeLimitError, or what the work throws.
 */
export const runWithin = <Result>(work: () => Result, limitMs = LIMIT_MS): Result => {
  const startedAtMs = cpuMs()
  for (;;) {
    const done = attempt(work, limitMs)
    if (done) return done.value
    if (cpuMs() - startedAtMs >= limitMs) throw new TimeLimitError(`stopped after ${limitMs} ms`)
  }
}

/** The result of work, or undefined if it was stopped. */
const attempt = <Result>(work: () => Result, timeout: number): { readonly value: Result } | undefined => {
  context ??= createContext({})
  let result: { readonly value: Result } | undefined
  context.work = () => (result = { value: work() })
  try {
    WORK.runInContext(context, { timeout })
  } catch (error) {
    if (!isTimeout(error)) throw error
  } finally {
    delete context.work
  }
  return result
}
