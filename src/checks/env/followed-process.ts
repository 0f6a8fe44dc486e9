import { codeOf } from '../../lib/describe-error.ts'
import { isHung } from '../../files/file-error.ts'
import { readFile } from '../../files/files.ts'
import type { EnvProblem } from './reasons.ts'
import type { ProcessConfig } from './config.ts'
import { parseEnviron } from './environ.ts'
import type { ProcessEnvironment } from './environ.ts'
import { findProcess, isRunning, startTimeOf } from './find-process.ts'
import type { ProcessId } from './find-process.ts'

/** A running process and the environment that it was started with. */
export interface RunningProcess extends ProcessEnvironment {
  readonly pid: number
  /** Wall clock, milliseconds since 1970. */
  readonly startedAtMs: number
}

const readEnvironment = async (process: ProcessId): Promise<RunningProcess | EnvProblem> => {
  const { pid } = process
  try {
    const { bytes } = await readFile(`/proc/${pid}/environ`)
    // The area of a process that has ended, or is ending, is empty.
    if (await isRunning(process))
      return { ...parseEnviron(bytes), pid, startedAtMs: await startTimeOf(process) }
  } catch (error) {
    if (isHung(error)) return { status: 'unknown', reason: 'ENV_PROCESS_UNREADABLE', message: error.message }
    const code = codeOf(error)
    if (code === 'EACCES' || code === 'EPERM') {
      const message =
        `the environment of process ${pid} cannot be read (${code}); run as the app's own user, or as root, ` +
        'or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH'
      return { status: 'unknown', reason: 'ENV_PROCESS_UNREADABLE', message }
    }
  }
  return { status: 'unknown', reason: 'ENV_PROCESS_NOT_FOUND', message: `process ${pid} has ended` }
}

/** Follows the configured process. Its environment is re-read each time, because an exec(3) replaces it. */
export const followProcess = (
  config: ProcessConfig,
): { read(signal: AbortSignal): Promise<RunningProcess | EnvProblem> } => {
  let last: ProcessId | undefined
  const read = async (signal: AbortSignal): Promise<RunningProcess | EnvProblem> => {
    // A PID file is cheap to re-read. systemd and the kernel's tables are asked only if the known process has ended.
    const known = last && !('pid_file' in config) && (await isRunning(last)) ? last : undefined
    const found = known ?? (await findProcess(config, signal))
    if ('status' in found) return found
    last = found
    return readEnvironment(found)
  }
  return { read }
}
