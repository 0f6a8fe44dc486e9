/**
 * `npm run simulate`: random faults on simulated fleets, judged by this program's real monitor, rules and checks, or by
 * another policy. docs/simulation.md tells what is simulated, and what the figures were. Exit code 1 if the default policy
 * admitted a broken host, took out a good one or lost a fleet; 64 for a wrong command line.
 */
import { randomInt } from 'node:crypto'
import { UsageError } from '../../src/cli/usage-error.ts'
import { parseArguments } from './arguments.ts'
import type { Arguments } from './arguments.ts'
import { figuresOf } from './figures.ts'
import { loadPolicies } from './policies/policies.ts'
import type { Report } from './report.ts'
import { runTasks } from './run-tasks.ts'
import { runTrace } from './run-trace.ts'
import type { TraceResult } from './run-trace.ts'
import { hourTable } from './scale/hour-figures.ts'
import { runScale } from './scale/run-scale.ts'
import { storyText } from './story.ts'
import { tables } from './table.ts'
import { countTurns } from './turns.ts'

const say = (text: string) => void process.stderr.write(`${text}\n`)

const tellTrace = async ({ seed, hosts, policies: names }: Arguments, trace: number): Promise<void> => {
  countTurns()
  const policies = await loadPolicies()
  for (const name of names)
    console.log(storyText(await runTrace({ seed, trace, hosts, policy: policies.get(name)! }), name))
}

const tellScale = async ({ seed, hosts, policies, threads, json }: Arguments): Promise<void> => {
  for (const policy of policies) {
    const figures = await runScale({ seed, hosts, policy, threads })
    console.log(json ? JSON.stringify({ seed, policy, ...figures }, undefined, 2) : hourTable(figures))
  }
}

const reportOf = async ({ seed, traces, hosts, policies, threads }: Arguments): Promise<Report> => {
  const numbers = Array.from({ length: traces }, (_, trace) => trace)
  const tasks = policies.flatMap(policy => numbers.map(trace => ({ policy, seed, trace, hosts })))
  const progressed = (done: number) => done % 100 === 0 && say(`${done} of ${tasks.length} traces`)
  const results = await runTasks<TraceResult>(tasks, { threads, atOnce: 4, progressed })
  const figures = policies.map(
    (policy, index) => [policy, figuresOf(results.slice(index * traces, (index + 1) * traces))] as const,
  )
  return { seed, traces, hosts, policies: Object.fromEntries(figures) }
}

const run = async (): Promise<void> => {
  const known = [...(await loadPolicies()).keys()]
  const given = parseArguments(process.argv.slice(2), { known, freshSeed: randomInt(2 ** 32) })
  say(`seed ${given.seed}`)
  if (given.trace !== undefined) return tellTrace(given, given.trace)
  if (given.scale) return tellScale(given)
  const startedAt = performance.now()
  const report = await reportOf(given)
  console.log(given.json ? JSON.stringify(report, undefined, 2) : tables(report))
  const { seed, hosts } = report
  say(
    `${given.policies.length * given.traces} traces in ${((performance.now() - startedAt) / 60_000).toFixed(1)} min`,
  )
  for (const [name, { wrong }] of Object.entries(report.policies))
    for (const trace of wrong.slice(0, 10))
      say(
        `a wrong outcome: npm run simulate -- --seed ${seed} --hosts ${hosts} --policy ${name} --trace ${trace}`,
      )
  const wrong = report.policies['default']?.wrong ?? []
  if (wrong.length === 0) return
  say(`traces that go wrong under the default policy: ${wrong.join(', ')}`)
  process.exitCode = 1
}

try {
  await run()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  say(error.message)
  process.exitCode = 64
}
