import { Worker } from 'node:worker_threads'
import type { TraceResult } from './run-trace.ts'

/** One trace under one policy, by name. */
export interface Task {
  readonly policy: string
  readonly seed: number
  readonly trace: number
  readonly hosts: number
}

/** Runs tasks in worker threads. The results are in the order of the tasks, whatever the number of threads. */
export const runTraces = async (
  tasks: readonly Task[],
  {
    threads,
    progressed = () => {},
  }: { readonly threads: number; readonly progressed?: (done: number) => void },
): Promise<readonly TraceResult[]> => {
  const results = new Map<number, TraceResult>()
  let next = 0
  const runInThread = async (): Promise<void> => {
    const worker = new Worker(new URL('trace-worker.ts', import.meta.url))
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
    worker.on('message', (message: { readonly index?: number; readonly result?: TraceResult }) => {
      const { index, result } = message
      if (index !== undefined && result) {
        inFlight -= 1
        results.set(index, result)
        progressed(results.size)
      }
      send()
    })
    await promise
    await worker.terminate()
  }
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, runInThread))
  return tasks.map((_, index) => results.get(index)!)
}
