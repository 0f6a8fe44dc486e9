import { ConfigError } from './config-error.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { adminSocketIn, appOf, runDirectoryOf } from './named-app.ts'
import type { ConfigRef } from './named-app.ts'
import { openConfig } from './open.ts'
import { isMapping } from '../lib/json.ts'

const at = (parent: unknown, key: string): unknown => (isMapping(parent) ? parent[key] : undefined)

interface Wanted {
  readonly path: readonly string[]
  readonly fallback: string
  readonly expected: string
}

/**
 * One text of a configuration that may be invalid elsewhere. So a running daemon can be asked after its file was broken,
 * and without its environment. Throws a ConfigError if the text is missing or wrong.
 */
const textOf = async (
  ref: ConfigRef,
  env: ProcessEnv,
  { path, fallback, expected }: Wanted,
): Promise<string> => {
  const { file, source, value } = await openConfig(ref, env)
  const unset = source.mistakes.filter(mistake => mistake.path === path.join('.'))
  if (unset.length > 0) throw new ConfigError(file, unset)
  const text = path.reduce<unknown>(at, value) ?? fallback
  if (typeof text === 'string' && text !== '') return text
  throw new ConfigError(file, [source.mistake([...path], expected)])
}

/** Where the admin socket is if the configuration does not say it. */
export const usualAdminSocket = (ref: ConfigRef): string => adminSocketIn(runDirectoryOf(appOf(ref)))

/** The path of the admin socket, whatever else a configuration says. Throws a ConfigError. */
export const adminSocketOf = (ref: ConfigRef, env: ProcessEnv): Promise<string> =>
  textOf(ref, env, {
    path: ['admin', 'socket'],
    fallback: usualAdminSocket(ref),
    expected: 'expected the path of the Unix socket of the admin listener',
  })

/** The directory of what outlives the daemon, whatever else a configuration says. Throws a ConfigError. */
export const stateDirOf = (ref: ConfigRef, env: ProcessEnv): Promise<string> =>
  textOf(ref, env, {
    path: ['state_dir'],
    fallback: runDirectoryOf(appOf(ref)),
    expected: 'expected the path of a directory',
  })
