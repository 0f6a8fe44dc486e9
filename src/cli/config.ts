import { stringify } from 'yaml'
import { loadConfig } from '../config/load.ts'
import { exitCode } from './exit-code.ts'
import { passedSockets } from '../systemd/passed-sockets.ts'
import type { Terminal } from './terminal.ts'

/** `health-sidecar config`: validates, and prints what is in force, with secrets masked. Throws a ConfigError. */
export const configCommand = async (
  options: { readonly config?: string },
  { out, env }: Terminal,
): Promise<number> => {
  const config = await loadConfig(options.config, env, { passedSocketCount: passedSockets(env).length })
  out(`# ${config.file}: valid; in force, with its defaults:\n${stringify(config.shown, { lineWidth: 0 })}`)
  return exitCode.ok
}
