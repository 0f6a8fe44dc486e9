import type { Mistake } from './config-error.ts'
import type { Source } from './source.ts'
import type { ValidConfig } from './validate.ts'

type Rule = (config: ValidConfig, source: Source) => Mistake[]

/** What a schema cannot say. */
export const checkRules: Rule = (config, source) =>
  [uniqueNames, somethingRequired, knownDependencies, noCycles].flatMap(rule => rule(config, source))

const uniqueNames: Rule = ({ checks }, source) =>
  checks.flatMap(({ name }, i) => {
    const first = checks.findIndex(check => check.name === name)
    const message = `found "${name}", which checks[${first}] is named already; expected a name of its own`
    return first < i ? [source.mistake(['checks', i, 'name'], message)] : []
  })

const somethingRequired: Rule = ({ checks }, source) =>
  checks.some(({ required, gate }) => required && gate === 'always')
    ? []
    : [
        source.mistake(
          ['checks'],
          'no check is required; expected at least one with `required: true` and `gate: always`, or nothing would be proved',
        ),
      ]

const knownDependencies: Rule = ({ checks }, source) => {
  const names = checks.map(({ name }) => name)
  return checks.flatMap(({ depends_on }, i) =>
    depends_on.flatMap((name, j) =>
      names.includes(name)
        ? []
        : [
            source.mistake(
              ['checks', i, 'depends_on', j],
              `no check is named "${name}"; expected one of ${names.join(', ')}`,
            ),
          ],
    ),
  )
}

const noCycles: Rule = ({ checks }, source) => {
  const next = new Map(checks.map(({ name, depends_on }) => [name, depends_on]))
  const cycleFrom = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(name)) return trail[0] === name ? [...trail, name] : undefined
    for (const dependency of next.get(name) ?? []) {
      const cycle = cycleFrom(dependency, [...trail, name])
      if (cycle) return cycle
    }
    return undefined
  }
  return checks.flatMap(({ name }, i) => {
    const cycle = cycleFrom(name, [])
    const message = `the check depends on itself: ${cycle?.join(' → ')}; expected no cycle`
    return cycle ? [source.mistake(['checks', i, 'depends_on'], message)] : []
  })
}
