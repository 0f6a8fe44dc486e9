import { readFile } from 'node:fs/promises'
import { codeOf } from '../../lib/describe-error.ts'
import type { EnvProblem } from './reasons.ts'
import type { ProcessConfig } from './config.ts'
import { parseEnviron } from './environ.ts'
import type { ProcessEnvironment } from './environ.ts'
import { findProcess, isRunning, startTimeOf } from './find-process.ts'
import type { ProcessId } from './find-process.ts'

/** A process and what it was started with. */
export interface RunningProcess extends ProcessEnvironment {
  readonly pid: number
  /** Wall clock, milliseconds since 1970. */
  readonly startedAtMs: number
}

const readEnvironment = async (process: ProcessId): Promise<RunningProcess | EnvProblem> => {
  const { pid } = process
  try {
    const area = await readFile(`/proc/${pid}/environ`)
    // A process that has ended since, or is ending, has an empty area.
    if (await isRunning(process))
      return { ...parseEnviron(area), pid, startedAtMs: await startTimeOf(process) }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EACCES' || code === 'EPERM') {
      const message =
        `the environment of process ${pid} may not be read (${code}): it takes the app's own user, or root, ` +
        'or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH'
      return { status: 'unknown', reason: 'ENV_PROCESS_UNREADABLE', message }
    }
  }
  return { status: 'unknown', reason: 'ENV_PROCESS_NOT_FOUND', message: `process ${pid} has ended` }
}

/** Follows the process that is configured. Its environment is read each time: an exec(3) gives it another. */
export const watchProcess = (
  config: ProcessConfig,
): { read(signal: AbortSignal): Promise<RunningProcess | EnvProblem> } => {
  let last: ProcessId | undefined
  const read = async (signal: AbortSignal): Promise<RunningProcess | EnvProblem> => {
    // A PID file says at once which process is meant; systemd and the kernel's tables are asked only for a new one.
    const known = last && !('pid_file' in config) && (await isRunning(last)) ? last : undefined
    const found = known ?? (await findProcess(config, signal))
    if ('status' in found) return found
    last = found
    return readEnvironment(found)
  }
  return { read }
}
