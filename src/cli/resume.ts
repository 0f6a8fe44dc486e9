import { answerOf } from '../core/answer.ts'
import { adminSocketOf, stateDirOf } from '../config/admin-socket.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { drainMarkerIn, readDrainMarker, removeDrainMarker } from '../host/drain-marker.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { isMapping } from '../lib/json.ts'
import { askDaemon } from './ask-daemon.ts'
import { exitCode } from './exit-code.ts'
import { operatorAnswerOf, problem } from './operator-answer.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Terminal } from './terminal.ts'
import { who } from './who.ts'

/**
 * `health-sidecar resume`: ends a drain. With no daemon to tell, it removes the marker that the next one would follow.
 * It can be repeated: without a drain it changes nothing. Throws a ConfigError.
 */
export const resumeCommand = async (
  options: { readonly config?: ConfigRef },
  { env }: Pick<Terminal, 'env'>,
): Promise<Outcome> => {
  const socket = await adminSocketOf(options.config, env)
  const answer = operatorAnswerOf(await askDaemon(socket, { path: '/resume', post: { by: who(env) } }))
  if (answer.kind === 'problem') return answer.outcome
  if (answer.kind === 'done') {
    const { status, phase, output, lifecycle } = answer.document
    const resumed = !isMapping(answer.document) || answer.document['resumed'] !== false
    return outcomeOf({
      code: exitCode.ok,
      document: {
        resumed,
        status,
        phase,
        ...(output !== undefined && { output }),
        ...(lifecycle && { lifecycle }),
      },
      text: shown => {
        const done = shown.resumed ? 'resumed' : 'nothing to resume, as no operator has drained this host'
        if (shown.phase === 'draining')
          return `${done}; still out: answering 503 (${shown.lifecycle?.reason ?? shown.output})\n`
        const why = shown.output === undefined ? '' : `: ${shown.output}`
        return `${done}: answering ${answerOf(shown.status)} (${shown.phase}${why})\n`
      },
    })
  }
  const stateDir = await stateDirOf(options.config, env)
  const marker = drainMarkerIn(stateDir)
  const { kind } = await readDrainMarker(stateDir)
  try {
    await removeDrainMarker(stateDir)
  } catch (error) {
    return problem(
      exitCode.unknown,
      `not resumed: ${answer.message}; cannot remove ${marker} either (${codeOrUnknown(error)})`,
    )
  }
  return outcomeOf({
    code: exitCode.ok,
    document: { noDaemon: answer.message, ...(kind !== 'absent' && { removed: marker }) },
    text: ({ noDaemon, removed }) => {
      const done =
        removed === undefined ? `nothing to resume: ${marker} does not exist` : `removed ${removed}`
      return `${noDaemon}\n${done}; the next daemon starts without a drain\n`
    },
  })
}
