import { basename, isAbsolute } from 'node:path'
import type { CheckType } from '../../core/check.ts'
import type { Finding } from '../../core/finding.ts'
import type { GeneralReason } from '../../core/reason.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import type { CheckContext } from '../context.ts'
import { commandSchema } from './config.ts'
import type { CommandConfig } from './config.ts'
import { startProgram } from './process-group.ts'
import type { Exit, RunningProgram } from './process-group.ts'

const commandReasons = [
  'COMMAND_WARNS',
  'COMMAND_FAILED',
  'COMMAND_UNKNOWN',
  'COMMAND_NOT_STARTED',
  'COMMAND_KILLED',
  'COMMAND_TIMED_OUT',
  'COMMAND_STILL_RUNNING',
] as const

type CommandReason = (typeof commandReasons)[number]
type CommandFinding = Finding<CommandReason | GeneralReason>

const MAX_LINES = 3

const firstLines = (output: string): readonly string[] =>
  output
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .slice(0, MAX_LINES)

/** Why a program could not be started, and what to do. */
const startProblems: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file, or the interpreter in its first line is missing: correct the path',
  EACCES:
    "health-sidecar's user may not execute it: give it execute permission, and search permission on the directories above it",
  RELATIVE: 'its path is not absolute: write the whole path',
}

const NOT_STARTED = "check its path, and that health-sidecar's user may execute it"

/** A shell's own exit statuses. The program's environment has no PATH, unless one is given. */
const shellProblems: { readonly [status: number]: string } = {
  126: 'which a shell does for a program that it may not execute',
  127: 'which a shell does for a program that it does not find: give it a PATH with environment, or write whole paths',
}

/** What an exit status means, as for a Nagios plugin: 0 pass, 1 warn, 2 fail, 3 and any other unknown. */
const judgeExit = (exit: Exit, { program, advice }: { program: string; advice: string }): CommandFinding => {
  if (exit.kind === 'not-started')
    return {
      status: 'unknown',
      reason: 'COMMAND_NOT_STARTED',
      message: `cannot start ${program} (${exit.code}): ${startProblems[exit.code] ?? NOT_STARTED}`,
      evidence: { program, code: exit.code },
    }
  if (exit.kind === 'killed')
    return {
      status: 'unknown',
      reason: 'COMMAND_KILLED',
      message: `${program} was killed by ${exit.signal}: see the kernel's log`,
      evidence: { program, signal: exit.signal },
    }
  const { status } = exit
  const evidence = { program, exitStatus: status }
  const meaning = shellProblems[status]
  const message = `${program} exited with ${status}${meaning === undefined ? '' : `, ${meaning}`}: ${advice}`
  if (status === 0) return { status: 'pass', evidence }
  // what a program warns of is not known here: it may be load, or something shared
  if (status === 1) return { status: 'warn', reason: 'COMMAND_WARNS', cause: 'shared', message, evidence }
  if (status === 2) return { status: 'fail', reason: 'COMMAND_FAILED', message, evidence }
  return { status: 'unknown', reason: 'COMMAND_UNKNOWN', message, evidence }
}

const withOutput = (finding: CommandFinding, exit: Exit): CommandFinding => {
  const output = exit.kind === 'not-started' ? [] : firstLines(exit.output)
  return output.length === 0 ? finding : { ...finding, evidence: { ...finding.evidence, output } }
}

const createCommand = ({ command, environment = {}, show_output }: CommandConfig) => {
  const [path = ''] = command
  const program = basename(path)
  const advice = `${show_output ? 'see its output' : 'set show_output'}, or run it by hand as health-sidecar's user`
  let running: RunningProgram | undefined

  const start = (): RunningProgram => {
    const started = startProgram(command, environment)
    running = started
    const forget = async () => {
      await started.exit
      if (running === started) running = undefined
    }
    void forget()
    return started
  }

  const run = async (signal: AbortSignal): Promise<CommandFinding> => {
    // a process that even SIGKILL does not end must not be joined by another one each interval
    if (running)
      return {
        status: 'unknown',
        reason: 'COMMAND_STILL_RUNNING',
        message: `${program} of an earlier run was killed and has not ended: see what it waits for, such as a dead file system`,
        evidence: { program },
      }
    if (!isAbsolute(path)) return judgeExit({ kind: 'not-started', code: 'RELATIVE' }, { program, advice })
    const started = start()
    const exit = await beforeAbort(started.exit, signal)
    if (exit !== TIME_IS_UP) {
      const finding = judgeExit(exit, { program, advice })
      return show_output ? withOutput(finding, exit) : finding
    }
    started.kill()
    return {
      status: 'unknown',
      reason: 'COMMAND_TIMED_OUT',
      message: `${program} did not exit in time and was killed, with its children: make it faster, or set a longer timeout`,
      evidence: { program },
    }
  }

  return {
    run,
    async [Symbol.asyncDispose]() {
      running?.kill()
    },
  }
}

/** A program says how this host is, by its exit status. */
export const command: CheckType<CommandConfig, CheckContext, CommandReason> = {
  type: 'command',
  reasons: commandReasons,
  componentType: 'system',
  schema: commandSchema,
  create: createCommand,
}
