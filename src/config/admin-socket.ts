import { ConfigError } from './config-error.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { openConfig } from './open.ts'
import { isMapping } from '../lib/json.ts'

export const DEFAULT_ADMIN_SOCKET = '/run/health-sidecar/admin.sock'

/**
 * The path of the admin socket in a configuration that may be invalid elsewhere. So a running daemon can be asked after
 * its file was broken, and without its environment. Throws a ConfigError if the path is missing or wrong.
 */
export const adminSocketOf = async (given: string | undefined, env: ProcessEnv): Promise<string> => {
  const { file, source, value } = await openConfig(given, env)
  const path = ['admin', 'socket']
  const unset = source.mistakes.filter(mistake => mistake.path === path.join('.'))
  if (unset.length > 0) throw new ConfigError(file, unset)
  const { admin } = value
  const socket = (isMapping(admin) ? admin['socket'] : undefined) ?? DEFAULT_ADMIN_SOCKET
  if (typeof socket === 'string' && socket !== '') return socket
  throw new ConfigError(file, [
    source.mistake(path, 'expected the path of the Unix socket of the admin listener'),
  ])
}
