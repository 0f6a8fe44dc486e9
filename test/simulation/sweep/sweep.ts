/**
 * `npm run simulate:sweep -- [--seed S] [--traces N] [--hosts N] [--threads N]`: varies each setting around its default, and
 * draws docs/simulation-sweep.svg. A setting is tried on traces of the events in which it can make a difference: the same
 * ones for each of its values.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runTasks } from '../run-tasks.ts'
import { events } from '../run-trace.ts'
import type { TraceResult, TraceTask } from '../run-trace.ts'
import { measures } from './measures.ts'
import type { Measured } from './measures.ts'
import { drawPlot } from './plot.ts'
import { policyNameOf, settings } from './settings.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    traces: { type: 'string', default: '200' },
    hosts: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    out: { type: 'string', default: 'docs/simulation-sweep.svg' },
  },
})
const [seed, traces, hosts, threads] = [values.seed, values.traces, values.hosts, values.threads].map(
  Number,
) as [number, number, number, number]

const cases = settings.flatMap(setting =>
  setting.values.map(value => ({
    setting,
    value,
    policy: policyNameOf(setting, value),
    events: events.filter(event => setting.matters(event)).map(({ name }) => name),
  })),
)
const tasks = cases.flatMap(({ policy, events }) =>
  Array.from({ length: traces }, (_, trace): TraceTask => ({ policy, seed, trace, hosts, events })),
)
const results = await runTasks<TraceResult>(tasks, {
  atOnce: 4,
  threads,
  progressed: done => {
    if (done % 100 === 0) process.stderr.write(`${done} of ${tasks.length} traces\n`)
  },
})
const measured = new Map(
  cases.map((each, index) => {
    const own = results.slice(index * traces, (index + 1) * traces)
    return [each, measures.map(measure => measure.of(own))] as const
  }),
)

const textOf = (measured: Measured | undefined): string => {
  if (!measured) return ''
  const { value, low, high } = measured
  return `${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`
}

console.log(`seed ${seed}, ${traces} traces of ${hosts} hosts for each value\n`)
console.log(`| setting | value | ${measures.map(({ title }) => title.replace('\n', ', ')).join(' | ')} |`)
console.log(`| --- | --- |${measures.map(() => ' --- |').join('')}`)
for (const [{ setting, value }, all] of measured)
  console.log(
    `| ${setting.title} | ${value.isDefault ? `**${value.label}**` : value.label} | ${all.map(textOf).join(' | ')} |`,
  )

const curve = (settingName: string, measure: number) =>
  [...measured]
    .filter(([{ setting }]) => setting.name === settingName)
    .flatMap(
      ([
        {
          value: { label, isDefault },
        },
        all,
      ]) => {
        const own = all[measure]
        return own ? [{ label, isDefault, ...own }] : []
      },
    )

const describe = (): string =>
  [...measured]
    .map(
      ([{ setting, value }, all]) =>
        `${setting.title} ${value.label}${value.isDefault ? ' (default)' : ''}: ${measures
          .flatMap(({ name }, i) => (all[i] ? [`${name} ${all[i].value.toFixed(1)}`] : []))
          .join(', ')}.`,
    )
    .join(' ')

writeFileSync(
  values.out,
  drawPlot({
    title: `What each setting loses, around its default (seed ${seed}, ${traces} traces of ${hosts} hosts for each value)`,
    description: describe(),
    columns: settings.map(({ title }) => title),
    empty: 'none in these traces',
    note: 'shaded: the default; bars: 95 % intervals, and of admission the median up to the 95th percentile',
    rows: measures.map(({ title }, index) => ({
      title,
      curves: settings.map(({ name }) => curve(name, index)),
    })),
  }),
)
