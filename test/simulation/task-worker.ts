import { parentPort as port } from 'node:worker_threads'
import { loadPolicies, loadSweptPolicy } from './policies/policies.ts'
import type { Policy } from './policies/policy.ts'
import { runTrace } from './run-trace.ts'
import type { TraceTask } from './run-trace.ts'
import { runHour } from './scale/run-hour.ts'
import type { HourTask } from './scale/run-hour.ts'
import { countTurns } from './turns.ts'

countTurns()
const policies = new Map(await loadPolicies())

/** The policy of a task. A swept one is created when it is first needed. */
const policyOf = async (name: string): Promise<Policy> => {
  const policy = policies.get(name) ?? (await loadSweptPolicy(name))
  if (!policy) throw new TypeError(`there is no policy ${name}`)
  policies.set(name, policy)
  return policy
}

const run = async (task: TraceTask | HourTask) => {
  const policy = await policyOf(task.policy)
  return 'hour' in task ? runHour(task, policy) : runTrace({ ...task, policy })
}

port?.on('message', ({ index, task }: { readonly index: number; readonly task: TraceTask | HourTask }) => {
  void run(task).then(result => port?.postMessage({ index, result }))
})
