/**
 * Changes the source in small ways, one at a time and in a private copy, and runs the tests of the changed file. A mutant
 * that no test catches survives. Ends with 1 if an area is below its aim.
 * Usage: node test/mutate/mutate.ts [--seed N] [--sample N | --all] [--only PATH]... [--jobs N]
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../support/random.ts'
import { AIM, areasOf } from './areas.ts'
import type { Area } from './areas.ts'
import { baselineOf, belongingTests } from './belonging-tests.ts'
import type { Baseline } from './belonging-tests.ts'
import { equivalents } from './equivalents.ts'
import { linesOf, mutantsOf, mutated, placeOf } from './mutants.ts'
import type { Mutant } from './mutants.ts'
import { createSandboxes, endRunning } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

/** Of each area. */
const DEFAULT_SAMPLE = 50
/** A test with a mutant may take so many times what it takes without, and no less than the floor. */
const SLOWER = 5
const FLOOR_MS = 10_000

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    sample: { type: 'string', default: String(DEFAULT_SAMPLE) },
    all: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
})

const whole = (name: string, text: string, least: number): number => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < least)
    throw new TypeError(`--${name} must be a whole number from ${least}, not ${text}`)
  return number
}
const seed = whole('seed', values.seed, 0)
const sample = values.all ? Infinity : whole('sample', values.sample, 1)
const jobs = whole('jobs', values.jobs, 1)

const isChosen = (file: string): boolean =>
  values.only.length === 0 ||
  values.only.some(path => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`))
const areas = areasOf(root)
  .map(({ name, files }): Area => ({ name, files: files.filter(isChosen) }))
  .filter(({ files }) => files.length > 0)
if (areas.length === 0) throw new TypeError(`no file of an area is at ${values.only.join(', ')}`)

const sources = new Map(
  areas.flatMap(({ files }) => files).map(file => [file, readFileSync(join(root, file), 'utf8')]),
)
const sourceOf = (file: string): string => sources.get(file) ?? ''

const matched = new Set<number>()
const isEquivalent = (mutant: Mutant): boolean => {
  const { before, after } = linesOf(sourceOf(mutant.file), mutant)
  const found = equivalents.findIndex(
    each => each.file === mutant.file && each.before === before && each.after === after,
  )
  matched.add(found)
  return found >= 0
}

const shuffled = <Item>(items: readonly Item[]): Item[] => {
  const random = createRandom(seed)
  const rest = [...items]
  return Array.from(items, () => rest.splice(random.below(rest.length), 1)).flat()
}

const chosen = areas.map(({ name, files }) => {
  const all = files.flatMap(file => mutantsOf(file, sourceOf(file))).filter(mutant => !isEquivalent(mutant))
  return { name, total: all.length, mutants: shuffled(all).slice(0, sample) }
})

const unmatched = equivalents.filter(({ file }, index) => sources.has(file) && !matched.has(index))
for (const { file, before } of unmatched)
  console.error(`test/mutate/equivalents.ts: ${file} has no such mutant any more; remove it: ${before}`)
if (unmatched.length > 0) process.exit(1)

const mutants = chosen.flatMap(area => area.mutants)
console.log(`seed ${seed}, ${mutants.length} mutants`)

using scene = createSandboxes(root, jobs)
process.on('exit', () => scene[Symbol.dispose]())
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endRunning()
    process.exit(130)
  })

/** Hands each item to a sandbox that is idle. */
const inSandboxes = async <Item>(
  items: readonly Item[],
  handle: (item: Item, sandbox: Sandbox) => Promise<void>,
): Promise<void> => {
  const queue = items.values()
  await Promise.all(
    scene.sandboxes.map(async sandbox => {
      for (const item of queue) await handle(item, sandbox)
    }),
  )
}

const testsOf = new Map([...sources.keys()].map(file => [file, belongingTests(root, file)]))
const baselines = new Map<string, Baseline>()
const needed = new Set(mutants.flatMap(({ file }) => testsOf.get(file) ?? []))
await inSandboxes([...needed], async (test, sandbox) => {
  const baseline = await baselineOf(sandbox, test)
  if (baseline.passed) baselines.set(test, baseline)
  else console.log(`left out, as it fails without a mutant: ${test}`)
})

type Fate = 'caught' | 'timed out' | 'survived' | 'not reached'

const fateOf = async (mutant: Mutant, sandbox: Sandbox): Promise<Fate> => {
  const { file } = mutant
  const reaching = (testsOf.get(file) ?? [])
    .flatMap(test => {
      const baseline = baselines.get(test)
      return baseline?.reaches(file, mutant.reachedAt) ? [{ test, tookMs: baseline.tookMs }] : []
    })
    .sort((a, b) => a.tookMs - b.tookMs)
  sandbox.write(file, mutated(sourceOf(file), mutant))
  try {
    for (const { test, tookMs } of reaching) {
      const { outcome } = await sandbox.run(test, { limitMs: Math.max(FLOOR_MS, SLOWER * tookMs) })
      if (outcome !== 'passed') return outcome === 'failed' ? 'caught' : outcome
    }
  } finally {
    sandbox.write(file, sourceOf(file))
  }
  return reaching.length > 0 ? 'survived' : 'not reached'
}

const fates = new Map<Mutant, Fate>()
await inSandboxes(mutants, async (mutant, sandbox) => {
  const fate = await fateOf(mutant, sandbox)
  fates.set(mutant, fate)
  if (fate === 'caught' || fate === 'timed out') return
  const { before, after } = linesOf(sourceOf(mutant.file), mutant)
  console.log(`${fate}: ${placeOf(sourceOf(mutant.file), mutant)}\n  ${before}\n  ${after}`)
})

for (const { name, total, mutants: tried } of chosen) {
  const count = (...kinds: Fate[]) =>
    tried.filter(mutant => kinds.includes(fates.get(mutant) ?? 'survived')).length
  const share = tried.length === 0 ? 1 : count('caught', 'timed out') / tried.length
  const isBelow = share < AIM
  if (isBelow) process.exitCode = 1
  console.log(
    `${name}: ${(100 * share).toFixed(1)} % of ${tried.length} caught (${count('timed out')} by time limit), ` +
      `${count('survived', 'not reached')} survived; ${total} in all${isBelow ? `; below ${100 * AIM} %` : ''}`,
  )
}
