import { adminSocketOf } from '../config/admin-socket.ts'
import { statusReport } from '../status/status-report.ts'
import { askStatus } from './ask-daemon.ts'
import { exitCode, exitCodeOf } from './exit-code.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Terminal } from './terminal.ts'

/**
 * `health-sidecar status`: what the running daemon thinks, and why; no check is run. `unknown` if no daemon answers.
 * Throws a ConfigError.
 */
export const statusCommand = async (
  options: { readonly config?: string },
  { env }: Pick<Terminal, 'env'>,
): Promise<Outcome> => {
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
