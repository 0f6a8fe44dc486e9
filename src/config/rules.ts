import { contradictionsIn } from '../checks/create-checks.ts'
import { parseMatcher } from '../core/matcher.ts'
import type { Mistake } from './config-error.ts'
import { configSchema } from './schema.ts'
import { quote } from './quote.ts'
import type { Source } from './source.ts'
import { isMapping } from '../lib/json.ts'
import { listNames } from '../lib/list-names.ts'
import { walkSchema } from './walk-schema.ts'

/** The part of a check that the rules need. The rest of the configuration may be invalid. */
interface Listed {
  readonly name: unknown
  readonly dependsOn: readonly unknown[]
  readonly counts: boolean
}

/** The name of a check, or a description of a value that is not a name. */
const called = (name: unknown): string =>
  typeof name === 'string' && /^[\w.-]+$/.test(name) ? name : quote(name, true)

/** Names in one message. */
const MAX_LISTED = 20

type Rule = (checks: readonly Listed[], source: Source) => Mistake[]

/** Checks what a schema cannot express. `value` may be invalid, so that all mistakes are reported at once. */
export const checkRules = (value: unknown, source: Source): Mistake[] => {
  const checks: readonly unknown[] = isMapping(value) && Array.isArray(value['checks']) ? value['checks'] : []
  const rules = [uniqueNames, somethingRequired, knownDependencies, noCycles]
  return [
    ...eachAddressOnce(value, source),
    ...rules.flatMap(rule => rule(checks.map(listed), source)),
    ...noContradictions(value, source),
    ...wellFormedExpressions(value, source),
  ]
}

/** What is listened on twice cannot be opened. */
const eachAddressOnce = (value: unknown, source: Source): Mistake[] => {
  const entries: readonly unknown[] =
    isMapping(value) && Array.isArray(value['listen']) ? value['listen'] : []
  const addresses = entries.map(entry => (isMapping(entry) ? entry['address'] : entry))
  return addresses.flatMap((address, i) => {
    if (typeof address !== 'string' || addresses.indexOf(address) === i) return []
    const path = ['listen', i]
    const found = quote(address, source.isFilledIn(path))
    const every =
      address === 'systemd' ? ': `systemd` is every socket that systemd passes, with or without a header' : ''
    return [source.mistake(path, `found ${found} for the second time; list each address once${every}`)]
  })
}

/** What the types of the checks have against the keys of one check. */
const noContradictions = (value: unknown, source: Source): Mistake[] => {
  if (!isMapping(value) || !Array.isArray(value['checks'])) return []
  const around = { hasRelease: typeof value['release'] === 'string' }
  const checks: readonly unknown[] = value['checks']
  return checks.flatMap((check, i) =>
    isMapping(check)
      ? contradictionsIn(check, around).map(({ path, message }) =>
          source.mistake(['checks', i, ...path], message),
        )
      : [],
  )
}

/** Finds malformed regular expressions. */
const wellFormedExpressions = (value: unknown, source: Source): Mistake[] => {
  const mistakes: Mistake[] = []
  walkSchema(value, configSchema, (text, schema, path) => {
    if (typeof text !== 'string' || !schema) return
    const isWell =
      (!schema.matcher || parseMatcher(text)) && (schema.format !== 'regex' || isExpression(text))
    if (isWell) return
    const found = source.isFilledIn(path) ? 'a string (not shown)' : JSON.stringify(text)
    mistakes.push(source.mistake(path, `found ${found}; expected ${schema.description}`))
  })
  return mistakes
}

const isExpression = (text: string): boolean => {
  try {
    return Boolean(new RegExp(text))
  } catch {
    return false
  }
}

const listed = (check: unknown): Listed => {
  if (!isMapping(check)) return { name: undefined, dependsOn: [], counts: true }
  const { name, depends_on: dependsOn, required, gate } = check
  return {
    name,
    dependsOn: Array.isArray(dependsOn) ? dependsOn : [],
    counts: required !== false && gate !== 'startup',
  }
}

const uniqueNames: Rule = (checks, source) => {
  const firstOf = new Map<unknown, number>()
  return checks.flatMap(({ name }, i) => {
    const first = firstOf.get(name) ?? i
    firstOf.set(name, first)
    if (typeof name !== 'string' || first === i) return []
    const path = ['checks', i, 'name']
    const found = quote(name, source.isFilledIn(path))
    const message = `found ${found}, the name of checks[${first}]; give each check a different name`
    return [source.mistake(path, message)]
  })
}

const somethingRequired: Rule = (checks, source) => {
  const message =
    'no check is required after the start, so nothing could fail; remove `required: false` or `gate: startup` from at least one check'
  return checks.length === 0 || checks.some(({ counts }) => counts)
    ? []
    : [source.mistake(['checks'], message)]
}

const knownDependencies: Rule = (checks, source) => {
  const names = new Set(checks.map(({ name }) => name))
  const known = listNames(Array.from(names, called), MAX_LISTED)
  return checks.flatMap(({ dependsOn }, i) =>
    dependsOn.flatMap((name, j) => {
      if (names.has(name) || typeof name !== 'string') return []
      const path = ['checks', i, 'depends_on', j]
      const found = quote(name, source.isFilledIn(path))
      const message = `no check is named ${found}; expected one of ${known}`
      return [source.mistake(path, message)]
    }),
  )
}

const noCycles: Rule = (checks, source) => {
  const next = new Map(checks.map(({ name, dependsOn }) => [name, dependsOn]))
  const suspects = namesOnCycles(next)
  return checks.flatMap(({ name }, i) => {
    const cycle = suspects.has(name) ? cycleThrough(name, next) : undefined
    const message = `the check depends on itself: ${cycle?.map(called).join(' → ')}; expected no cycle`
    return cycle ? [source.mistake(['checks', i, 'depends_on'], message)] : []
  })
}

type Graph = ReadonlyMap<unknown, readonly unknown[]>

/** The names that are on a cycle, or lead to one: what is left when checks without dependencies are taken away. */
const namesOnCycles = (next: Graph): ReadonlySet<unknown> => {
  const left = new Map(
    Array.from(next, ([name, names]) => [name, new Set(names.filter(one => next.has(one)))]),
  )
  const dependents = new Map<unknown, unknown[]>()
  for (const [name, names] of left)
    for (const one of names) dependents.set(one, [...(dependents.get(one) ?? []), name])
  const free = Array.from(left.keys()).filter(name => left.get(name)?.size === 0)
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    left.delete(name)
    for (const dependent of dependents.get(name) ?? []) {
      const names = left.get(dependent)
      if (names?.delete(name) && names.size === 0) free.push(dependent)
    }
  }
  return new Set(left.keys())
}

/** The shortest way from a check back to itself. */
const cycleThrough = (start: unknown, next: Graph): readonly unknown[] | undefined => {
  const cameFrom = new Map<unknown, unknown>()
  const queue = [start]
  for (const name of queue)
    for (const dependency of next.get(name) ?? []) {
      if (dependency === start) {
        const trail = [start]
        for (let at: unknown = name; at !== start; at = cameFrom.get(at)) trail.push(at)
        return [start, ...trail.slice(1).toReversed(), start]
      }
      if (cameFrom.has(dependency)) continue
      cameFrom.set(dependency, name)
      queue.push(dependency)
    }
  return undefined
}
