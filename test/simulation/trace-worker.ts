import { parentPort as port } from 'node:worker_threads'
import { loadPolicies } from './policies/policies.ts'
import type { Task } from './run-traces.ts'
import { runTrace } from './run-trace.ts'
import { countTurns } from './turns.ts'

/** So many traces share each turn of the event loop. They share nothing else. */
const AT_ONCE = 4

countTurns()
const policies = await loadPolicies()

port?.on('message', ({ index, task }: { readonly index: number; readonly task: Task }) => {
  const policy = policies.get(task.policy)
  if (!policy) throw new TypeError(`there is no policy ${task.policy}`)
  void runTrace({ ...task, policy }).then(result => port?.postMessage({ index, result }))
})

for (let count = 0; count < AT_ONCE; count += 1) port?.postMessage({})
