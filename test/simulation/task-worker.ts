import { parentPort as port } from 'node:worker_threads'
import { loadPolicies } from './policies/policies.ts'
import { runTrace } from './run-trace.ts'
import type { TraceTask } from './run-trace.ts'
import { runHour } from './scale/run-hour.ts'
import type { HourTask } from './scale/run-hour.ts'
import { countTurns } from './turns.ts'

countTurns()
const policies = await loadPolicies()

const run = (task: TraceTask | HourTask) => {
  const policy = policies.get(task.policy)
  if (!policy) throw new TypeError(`there is no policy ${task.policy}`)
  return 'hour' in task ? runHour(task, policy) : runTrace({ ...task, policy })
}

port?.on('message', ({ index, task }: { readonly index: number; readonly task: TraceTask | HourTask }) => {
  void run(task).then(result => port?.postMessage({ index, result }))
})
