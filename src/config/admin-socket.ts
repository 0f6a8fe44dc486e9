import { ConfigError } from './config-error.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { openConfig } from './open.ts'
import { isMapping } from '../lib/json.ts'

export const DEFAULT_ADMIN_SOCKET = '/run/health-sidecar/admin.sock'
const DEFAULT_STATE_DIR = '/run/health-sidecar'

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
  given: string | undefined,
  env: ProcessEnv,
  { path, fallback, expected }: Wanted,
): Promise<string> => {
  const { file, source, value } = await openConfig(given, env)
  const unset = source.mistakes.filter(mistake => mistake.path === path.join('.'))
  if (unset.length > 0) throw new ConfigError(file, unset)
  const text = path.reduce<unknown>(at, value) ?? fallback
  if (typeof text === 'string' && text !== '') return text
  throw new ConfigError(file, [source.mistake([...path], expected)])
}

/** The path of the admin socket, whatever else a configuration says. Throws a ConfigError. */
export const adminSocketOf = (given: string | undefined, env: ProcessEnv): Promise<string> =>
  textOf(given, env, {
    path: ['admin', 'socket'],
    fallback: DEFAULT_ADMIN_SOCKET,
    expected: 'expected the path of the Unix socket of the admin listener',
  })

/** The directory of what outlives the daemon, whatever else a configuration says. Throws a ConfigError. */
export const stateDirOf = (given: string | undefined, env: ProcessEnv): Promise<string> =>
  textOf(given, env, {
    path: ['state_dir'],
    fallback: DEFAULT_STATE_DIR,
    expected: 'expected the path of a directory',
  })
