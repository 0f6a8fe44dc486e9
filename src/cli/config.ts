import { stringify } from 'yaml'
import { loadConfig } from '../config/load.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { passedSockets } from '../systemd/passed-sockets.ts'
import { exitCode } from './exit-code.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Terminal } from './terminal.ts'

/** `health-sidecar config`: validates, and shows what is in force, secrets masked. Throws a ConfigError. */
export const configCommand = async (
  options: { readonly config?: ConfigRef },
  { env }: Pick<Terminal, 'env'>,
): Promise<Outcome> => {
  const passedSocketCount = passedSockets(env).length
  const { file, shown, warnings } = await loadConfig(options.config, env, { passedSocketCount })
  return outcomeOf({
    code: exitCode.ok,
    document: { file, config: shown, ...(warnings.length > 0 && { warnings }) },
    text: ({ file: valid, config }) =>
      [
        ...warnings.map(warning => `# warning: ${warning}\n`),
        `# ${valid}: valid; in force, with its defaults:\n${stringify(config, { lineWidth: 0 })}`,
      ].join(''),
  })
}
