import { checkTypes } from '../checks/registry.ts'
import { Duration, PositiveDuration, Text, Type, Whole } from '../schema/vocabulary.ts'
import type { Static } from '../schema/vocabulary.ts'
import { formatDuration } from './units.ts'

/** The keys of every check. A type may set its own defaults. */
const commonKeys = (defaults: { readonly interval: string; readonly fresh_for: string }) => ({
  name: Text({
    description: 'a name of letters, digits, dots, dashes and underscores',
    pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]*$',
  }),
  interval: PositiveDuration({
    default: defaults.interval,
    description: 'a duration above zero such as 10s: time between two background runs',
  }),
  fresh_for: Duration({
    default: defaults.fresh_for,
    description: 'a duration such as 1s: a probe is answered from a finding no older than this',
  }),
  timeout: PositiveDuration({
    default: '2s',
    description: 'a duration above zero such as 2s: the longest time of one run',
  }),
  healthy_threshold: Whole({
    default: 1,
    description: 'a whole number from 1: passes in a row that turn a failing check to passing',
  }),
  unhealthy_threshold: Whole({
    default: 1,
    description: 'a whole number from 1: failures in a row that turn a passing check to failing',
  }),
  required: Type.Boolean({ default: true, description: 'true, or false: the check can only warn' }),
  gate: Type.Union([Type.Literal('always'), Type.Literal('startup')], {
    default: 'always',
    description: 'always, or startup: runs only until the first pass',
  }),
  depends_on: Type.Array(Text({ description: 'the name of a check' }), {
    default: [],
    maxItems: 50,
    description:
      "a list of names of checks: while one of them is in trouble that is not proved to be this host's own, a failure of this check is unknown",
  }),
  shared: Type.Optional(
    Type.Boolean({
      description:
        'true: all hosts use what this check looks at, so its failure excuses the checks that depend on it; false: only this host does',
    }),
  ),
})

interface ObjectSchema {
  readonly properties?: Record<string, object>
  readonly required?: readonly string[]
}

/** The schema of each check type: its own keys, and those of every check. */
export const checkSchemas = checkTypes.map(({ type, schema, defaults }) => {
  const own: ObjectSchema = schema
  const common = commonKeys({
    interval: formatDuration(defaults?.intervalMs ?? 10_000),
    fresh_for: formatDuration(defaults?.freshForMs ?? 1000),
  })
  return {
    ...schema,
    type: 'object',
    properties: { type: { const: type }, ...common, ...own.properties },
    required: ['name', 'type', ...(own.required ?? [])],
    additionalProperties: false,
  }
})

type CommonConfig = Static<Type.TObject<ReturnType<typeof commonKeys>>>

/** The keys that every check has, durations in milliseconds. The type adds others. */
export type CheckConfig = Omit<CommonConfig, 'required'> & {
  readonly type: string
  /** An env check lists its required names under this key. It then counts as required too. */
  readonly required?: boolean | readonly string[]
}
