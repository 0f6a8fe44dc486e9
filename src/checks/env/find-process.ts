import { promisify } from 'node:util'
import { codeOf } from '../../lib/describe-error.ts'
import { listDirectory, readFile, readLink, readTextFile } from '../../files/files.ts'
import type { EnvProblem } from './reasons.ts'
import { readText } from '../../env-file/read-text.ts'
import type { ProcessConfig } from './config.ts'

/** One process. The start time distinguishes it from a later process with the same PID. */
export interface ProcessId {
  readonly pid: number
  /** Clock ticks since boot. */
  readonly startedAtTicks: number
}

const notFound = (message: string): EnvProblem => ({
  status: 'unknown',
  reason: 'ENV_PROCESS_NOT_FOUND',
  message,
})

const forbidden = (message: string): EnvProblem => ({
  status: 'unknown',
  reason: 'ENV_PROCESS_UNREADABLE',
  message,
})

/** Clock ticks per second in /proc, on every architecture that Node supports. */
const TICKS_PER_SECOND = 100

/** A process and its parent. */
interface ProcessStat extends ProcessId {
  readonly parent: number
}

/**
 * Parses /proc/PID/stat (proc(5): fields 3, 4, 22 and 23). Undefined if the process has ended or is ending: it gives up
 * its memory, and so its environment, a moment before it becomes a zombie.
 */
export const parseStat = (pid: number, stat: string): ProcessStat | undefined => {
  // The name is in parentheses and may itself contain blanks and parentheses. The state follows it.
  const [state, parent, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [startedAtTicks, memoryBytes] = fields.slice(17).map(Number)
  if (state === 'Z' || startedAtTicks === undefined || memoryBytes === 0) return undefined
  return { pid, parent: Number(parent), startedAtTicks }
}

/** Names in /proc may hold any byte. */
const readLatin1 = async (path: string): Promise<string> => (await readFile(path)).bytes.toString('latin1')

const statOf = async (pid: number): Promise<ProcessStat | undefined> => {
  try {
    return parseStat(pid, await readLatin1(`/proc/${pid}/stat`))
  } catch {
    return undefined
  }
}

/** Whether the same process is still running. */
export const isRunning = async ({ pid, startedAtTicks }: ProcessId): Promise<boolean> =>
  (await statOf(pid))?.startedAtTicks === startedAtTicks

/** When a process started: wall clock, milliseconds since 1970, to the second. */
export const startTimeOf = async ({ startedAtTicks }: ProcessId): Promise<number> => {
  const bootedAt = /^btime (\d+)$/m.exec(await readLatin1('/proc/stat'))?.[1]
  return Number(bootedAt) * 1000 + (startedAtTicks / TICKS_PER_SECOND) * 1000
}

/** /proc gives the boot time in whole seconds, and the clock may be set while a host boots. */
const START_SLACK_MS = 2000

const byPidFile = async (path: string): Promise<ProcessId | EnvProblem> => {
  const answer = await readText(path)
  if (!answer.ok) {
    const { code, message } = answer.fault
    return code === 'missing'
      ? notFound(`${message}: the app is not running, or writes its PID elsewhere`)
      : forbidden(message)
  }
  const pid = Number(/^\s*(\d{1,10})\s*$/.exec(answer.text)?.[1] ?? NaN)
  if (!(pid > 0)) return notFound(`${path} contains no PID`)
  const process = await statOf(pid)
  if (!process) return notFound(`${path} names process ${pid}, which is not running`)
  if ((await startTimeOf(process)) > answer.stamp.writtenAtMs + START_SLACK_MS) {
    const message = `${path} is older than process ${pid}, which it names: the PID belongs to another process now; remove the stale file`
    return { status: 'unknown', reason: 'ENV_PROCESS_REUSED', message }
  }
  return process
}

const byUnit = async (unit: string, signal: AbortSignal): Promise<ProcessId | EnvProblem> => {
  try {
    const args = ['show', '--property=MainPID', '--value', '--', unit]
    const { execFile } = await import('node:child_process')
    const { stdout } = await promisify(execFile)('systemctl', args, { signal })
    const pid = Number(stdout.trim())
    return (
      (pid > 0 ? await statOf(pid) : undefined) ?? notFound(`${unit} has no main process: it is not running`)
    )
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error'
    return notFound(`systemctl did not give the main process of ${unit} (${code})`)
  }
}

const inodeOf = (table: string, path: string): string | undefined => {
  const entries = table.split('\n').map(line => line.trim().split(/ +/))
  // A listening socket: flags with __SO_ACCEPTCON.
  return entries.find(fields => fields[3] === '00010000' && fields.slice(7).join(' ') === path)?.[6]
}

/** Whether a process has a socket open; undefined if permission is denied. */
const hasOpen = async (pid: number, inode: string): Promise<boolean | undefined> => {
  try {
    const descriptors = await listDirectory(`/proc/${pid}/fd`)
    for (const { name } of descriptors) {
      const target = await readLink(`/proc/${pid}/fd/${name}`).catch(() => '')
      if (target === `socket:[${inode}]`) return true
    }
    return false
  } catch (error) {
    return codeOf(error) === 'EACCES' ? undefined : false
  }
}

const bySocket = async (path: string): Promise<ProcessId | EnvProblem> => {
  const inode = inodeOf(await readTextFile('/proc/net/unix'), path)
  if (inode === undefined) return notFound(`no process listens on ${path}`)
  const names = (await listDirectory('/proc')).map(({ name }) => name)
  const pids = names.filter(name => /^\d+$/.test(name)).map(Number)
  const holders: ProcessStat[] = []
  let refused = 0
  for (const pid of pids) {
    // PID 1, systemd, keeps open the sockets that it activates.
    const held = pid > 1 && (await hasOpen(pid, inode))
    if (held === undefined) refused++
    const process = held ? await statOf(pid) : undefined
    if (process) holders.push(process)
  }
  // The master is the process whose parent does not have the socket open. The others are its workers.
  const master = holders.find(({ parent }) => !holders.some(({ pid }) => pid === parent))
  if (master) return master
  return refused > 0
    ? forbidden(
        `cannot find the process that listens on ${path}: permission denied; run as the app's own user, or as root`,
      )
    : notFound(`no process listens on ${path} any more`)
}

/** Finds the configured process, or says why it cannot. */
export const findProcess = async (
  config: ProcessConfig,
  signal: AbortSignal,
): Promise<ProcessId | EnvProblem> => {
  if ('pid_file' in config) return byPidFile(config.pid_file)
  return 'unit' in config ? byUnit(config.unit, signal) : bySocket(config.socket)
}
