import { isDeepStrictEqual } from 'node:util'
import type { Mistake } from './config-error.ts'
import type { Config } from './config.ts'
import type { CheckConfig } from './schema.ts'
import type { Path, Source } from './source.ts'

const RESTART = 'it differs from what is in force, which takes a restart'

/** What is opened, or read, once: at the start. */
const fixed: readonly { readonly path: Path; readonly of: (config: Config) => unknown }[] = [
  { path: ['listen'], of: ({ listen }) => listen },
  { path: ['path'], of: ({ path }) => path },
  { path: ['admin'], of: ({ admin }) => admin },
  { path: ['release'], of: ({ release }) => release },
  { path: ['state_dir'], of: config => config.state_dir },
  { path: ['log', 'file'], of: ({ log }) => log.file },
  { path: ['log', 'probes'], of: ({ log }) => log.probes },
]

/** A check of that name, if it is configured just so. */
const hasSame = ({ checks }: Config, check: CheckConfig): boolean =>
  checks.some(known => isDeepStrictEqual(known, check))

/**
 * What of a configuration cannot come into force while the program runs. A check that is asked until the first pass only
 * is one: nobody would ask it any more.
 */
export const checkReload = (
  config: Config,
  { inForce, source }: { readonly inForce: Config; readonly source: Source },
): Mistake[] => {
  const differing = fixed.filter(({ of }) => !isDeepStrictEqual(of(config), of(inForce)))
  const unasked = config.checks.flatMap((check, i) =>
    check.gate === 'startup' && !hasSame(inForce, check) ? [i] : [],
  )
  return [
    ...differing.map(({ path }) => source.mistake(path, RESTART, 'key')),
    ...unasked.map(i =>
      source.mistake(
        ['checks', i, 'gate'],
        'a check that is asked at startup only is new or has changed, which takes a restart',
      ),
    ),
  ]
}
