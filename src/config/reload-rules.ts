import { isDeepStrictEqual } from 'node:util'
import type { Mistake } from './config-error.ts'
import type { Config } from './config.ts'
import type { CheckConfig } from './check-schemas.ts'
import type { Path, Source } from './source.ts'

const RESTART = 'this cannot change while the program runs; restart it to apply the change'

/** What is opened or read once, at the start. */
const fixed: readonly { readonly path: Path; readonly of: (config: Config) => unknown }[] = [
  { path: ['listen'], of: ({ listen }) => listen },
  { path: ['listen'], of: ({ proxied }) => proxied },
  { path: ['path'], of: ({ path }) => path },
  { path: ['admin'], of: ({ admin }) => admin },
  { path: ['release'], of: ({ release }) => release },
  { path: ['state_dir'], of: config => config.state_dir },
  { path: ['log', 'file'], of: ({ log }) => log.file },
  { path: ['log', 'probes'], of: ({ log }) => log.probes },
]

/** Whether a configuration has exactly this check. */
const hasSame = ({ checks }: Config, check: CheckConfig): boolean =>
  isDeepStrictEqual(
    checks.find(({ name }) => name === check.name),
    check,
  )

/**
 * Lists the changes that a reload cannot apply. A new or changed check with `gate: startup` is one: after the first pass it
 * would never run.
 */
export const checkReload = (
  config: Config,
  { inForce, source }: { readonly inForce: Config; readonly source: Source },
): Mistake[] => {
  const differing = fixed.filter(({ of }) => !isDeepStrictEqual(of(config), of(inForce)))
  const neverRun = config.checks.flatMap((check, i) =>
    check.gate === 'startup' && !hasSame(inForce, check) ? [i] : [],
  )
  return [
    ...differing.map(({ path }) => source.mistake(path, RESTART, 'key')),
    ...neverRun.map(i =>
      source.mistake(
        ['checks', i, 'gate'],
        'a check with `gate: startup` is new or changed, and would not run after the first pass; restart the program',
      ),
    ),
  ]
}
