import { adminSocketOf, stateDirOf } from '../config/admin-socket.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { historyFileIn, readHistoryLines, whyNot } from '../history/history-file.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { askHistory } from './ask-daemon.ts'

/** Where the lines of a history come from. */
export type HistoryAnswer =
  | { readonly ok: true; readonly lines: readonly string[]; readonly notes: readonly string[] }
  /** A sentence: why there are no lines, and what to do. */
  | { readonly ok: false; readonly message: string }

const fromFile = async (stateDir: string, notes: readonly string[]): Promise<HistoryAnswer> => {
  try {
    return { ok: true, lines: await readHistoryLines(stateDir, { trusted: false }), notes }
  } catch (error) {
    const code = codeOrUnknown(error)
    const file = historyFileIn(stateDir)
    const why =
      code === 'ENOENT'
        ? `${file} does not exist: a daemon writes it from its first start; check state_dir`
        : code === 'EACCES'
          ? `${file} may not be read by this user (EACCES); use sudo, or join the group of that file`
          : `${file} cannot be read: ${whyNot(error)}`
    return { ok: false, message: [...notes, why].join('; ') }
  }
}

/**
 * The history: from the daemon, which also knows what is not on the disk yet; or, if none answers or `stateDir` is given, from the
 * file. Throws a ConfigError.
 */
export const findHistory = async (
  { config, stateDir }: { readonly config?: ConfigRef; readonly stateDir?: string | undefined },
  env: ProcessEnv,
): Promise<HistoryAnswer> => {
  if (stateDir !== undefined) return await fromFile(stateDir, [])
  const answer = await askHistory(await adminSocketOf(config, env))
  if (answer.ok) return { ok: true, lines: answer.lines, notes: [] }
  return await fromFile(await stateDirOf(config, env), [answer.message])
}
