import { adminSocketOf, usualAdminSocket } from '../config/admin-socket.ts'
import { ConfigError } from '../config/config-error.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { isMapping } from '../lib/json.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { askDaemon, askStatus } from './ask-daemon.ts'
import { exitCode } from './exit-code.ts'
import { errorIn, problem } from './operator-answer.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Terminal } from './terminal.ts'
import { who } from './who.ts'

/** A configuration may have to be read from a slow disk, and the checks before it must end. */
const RELOAD_TIMEOUT_MS = 30_000

/** What else may be so, or is sure, if the daemon could not be asked. */
const unasked: Readonly<Record<string, string>> = {
  ENOENT:
    ' If the configuration has another `admin.socket` than before, restart the service: a reload cannot change it',
  ETIMEDOUT: '; nothing was reloaded',
}

const mistakesIn = (body: unknown): readonly string[] | undefined => {
  const mistakes: unknown = isMapping(body) ? body['mistakes'] : undefined
  return Array.isArray(mistakes) ? mistakes.map(String) : undefined
}

/** A file that is broken as a whole names no socket. The daemon must hear of it even so: it is asked at the usual place. */
const socketFor = async (
  config: ConfigRef,
  env: ProcessEnv,
): Promise<readonly [socket: string, broken?: ConfigError]> => {
  try {
    return [await adminSocketOf(config, env)]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const usual = typeof config === 'object' ? usualAdminSocket(config) : adminSocketOf(undefined, env)
    return [await usual, error]
  }
}

/**
 * `health-sidecar reload`: the daemon re-reads its configuration, and reopens its log files. 0 if it took it, 78 with
 * every mistake if it refused it, 3 if no daemon answers. One that hangs is told within seconds, and is not asked to reload.
 * Throws a ConfigError.
 */
export const reloadCommand = async (
  options: { readonly config?: ConfigRef },
  { env }: Pick<Terminal, 'env'>,
  { answerMs, reloadMs = RELOAD_TIMEOUT_MS }: { readonly answerMs?: number; readonly reloadMs?: number } = {},
): Promise<Outcome> => {
  const [socket, broken] = await socketFor(options.config, env)
  const lives = await askStatus(socket, { ...(answerMs !== undefined && { timeoutMs: answerMs }) })
  if (!lives.ok && broken) throw broken
  if (!lives.ok) return problem(exitCode.unknown, `${lives.message}${unasked[lives.code] ?? ''}`)
  const answer = await askDaemon(socket, {
    path: '/reload',
    post: { by: who(env) },
    timeoutMs: reloadMs,
  })
  if (!answer.ok && answer.code === 'ETIMEDOUT')
    return problem(
      exitCode.unknown,
      `the daemon answers, but has not ended the reload in ${reloadMs} ms; it may still do so: config.loaded or config.refused in its log tells`,
    )
  if (!answer.ok) return problem(exitCode.unknown, answer.message)
  const kind = isMapping(answer.body) ? answer.body['kind'] : undefined
  if (answer.status === 200 && (kind === 'taken' || kind === 'unchanged'))
    return outcomeOf({
      code: exitCode.ok,
      document: { kind },
      text: shown =>
        shown.kind === 'taken'
          ? 'taken: the configuration is in force\n'
          : 'unchanged: the same configuration\n',
    })
  const mistakes = mistakesIn(answer.body)
  if (answer.status === 422 && mistakes)
    return outcomeOf({
      code: exitCode.config,
      document: { kind: 'refused', mistakes },
      text: shown => `${shown.mistakes.join('\n')}\nrefused: the previous configuration stays in force\n`,
      isProblem: true,
    })
  if (answer.status === 409)
    return problem(exitCode.unknown, errorIn(answer.body) ?? 'the daemon is stopping')
  return problem(exitCode.broke, `the daemon gave an answer that it should not give (${answer.status})`)
}
