import { adminSocketOf } from '../config/admin-socket.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { statusReport } from '../status/status-report.ts'
import { askStatus } from './ask-daemon.ts'
import { exitCode, exitCodeOf } from './exit-code.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { daemonSource } from './status-source.ts'
import type { Terminal } from './terminal.ts'

/**
 * `health-sidecar status`: what the running daemon thinks, and why; no check is run. `unknown` if no daemon answers.
 * With `--watch`, again and again. Throws a ConfigError.
 */
export const statusCommand = async (
  options: { readonly config?: ConfigRef; readonly watch?: boolean; readonly json?: boolean },
  terminal: Terminal,
): Promise<Outcome | number> => {
  const { env } = terminal
  if (options.watch) {
    const { watchStatus } = await import('./watch-status.ts')
    await using source = await daemonSource(options.config, env)
    return await watchStatus(source, { ...terminal, json: options.json === true })
  }
  const answer = await askStatus(await adminSocketOf(options.config, env))
  if (answer.ok) {
    const { document } = answer
    return outcomeOf({
      code: exitCodeOf(document),
      document,
      text: shown => `${statusReport(shown, new Date()).join('\n')}\n`,
    })
  }
  return outcomeOf({
    code: exitCode.unknown,
    document: { error: answer.message },
    text: ({ error }) => `health-sidecar: ${error}\n`,
    isProblem: true,
  })
}
