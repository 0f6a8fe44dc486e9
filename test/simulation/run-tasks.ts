import { Worker } from 'node:worker_threads'
import type { TraceTask } from './run-trace.ts'
import type { HourTask } from './scale/run-hour.ts'

export interface RunOptions {
  readonly threads: number
  /** So many tasks share the turns of one thread's event loop. They share nothing else. */
  readonly atOnce: number
  readonly progressed?: (done: number) => void
}

/** Runs tasks in worker threads. The results are in the order of the tasks, whatever the number of threads. */
export const runTasks = async <Result>(
  tasks: readonly (TraceTask | HourTask)[],
  { threads, atOnce, progressed = () => {} }: RunOptions,
): Promise<readonly Result[]> => {
  const results = new Map<number, Result>()
  let next = 0
  const runInThread = async (): Promise<void> => {
    const worker = new Worker(new URL('task-worker.ts', import.meta.url))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let inFlight = 0
    const send = () => {
      if (next >= tasks.length) return inFlight === 0 && resolve()
      inFlight += 1
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ index: next, task: tasks[next] })
      next += 1
    }
    worker.on('error', reject)
    worker.on('message', ({ index, result }: { readonly index: number; readonly result: Result }) => {
      inFlight -= 1
      results.set(index, result)
      progressed(results.size)
      send()
    })
    for (let count = 0; count < atOnce; count += 1) send()
    await promise
    await worker.terminate()
  }
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, runInThread))
  return tasks.map((_, index) => results.get(index)!)
}
