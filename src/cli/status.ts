import { adminSocketOf } from '../config/admin-socket.ts'
import { textReport } from '../status/text-report.ts'
import { askDaemon } from './ask-daemon.ts'
import { exitCode, exitCodeOf } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

/**
 * `health-sidecar status`: what the running daemon thinks, and why; nothing is asked anew. `unknown` where none answers.
 * Throws a ConfigError.
 */
export const statusCommand = async (
  options: { readonly config?: string; readonly json?: boolean },
  { out, err, env }: Terminal,
): Promise<number> => {
  const answer = await askDaemon(await adminSocketOf(options.config, env))
  if (!answer.ok) {
    err(`health-sidecar: ${answer.message}\n`)
    return exitCode.unknown
  }
  const { document } = answer
  out(
    options.json
      ? `${JSON.stringify(document, null, 2)}\n`
      : `${textReport(document)}phase:   ${document.phase}\n`,
  )
  return exitCodeOf(document)
}
