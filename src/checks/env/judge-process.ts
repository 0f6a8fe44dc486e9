import type { EnvFinding } from './reasons.ts'
import type { EnvVariable } from '../../env-file/env-file.ts'
import { fingerprint } from './environ.ts'
import type { RunningProcess } from './followed-process.ts'

/** What a running process is compared with. */
export interface Expected {
  /** What the files set now. */
  readonly variables: ReadonlyMap<string, EnvVariable>
  /** Names that the process must have. */
  readonly required: readonly string[]
  /** Names that may be shown. */
  readonly declared: readonly string[]
  /** Wall clock, milliseconds since 1970: when the last of the files was written. */
  readonly writtenAtMs: number
}

const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

const listDeclared = (names: readonly string[], declared: readonly string[]): string => {
  const shown = names.filter(name => declared.includes(name))
  const others = names.length - shown.length
  return [...shown, ...(others > 0 ? [`${others} not declared`] : [])].join(', ')
}

/** Judges whether a process was started with what the files set now. Pure. */
export const judgeProcess = (running: RunningProcess, expected: Expected): EnvFinding => {
  const { pid, fingerprints, overwritten, startedAtMs } = running
  const { variables, required, declared, writtenAtMs } = expected
  const times = { pid, startedAt: isoTime(startedAtMs), filesWrittenAt: isoTime(writtenAtMs) }

  const absent = required.filter(name => !fingerprints.has(name))
  if (absent.length > 0 && overwritten) {
    const message = `process ${pid} has overwritten the start of its environment with its title, so ${absent.join(', ')} may be there or not; turn uWSGI's auto-procname off`
    return { status: 'unknown', reason: 'ENV_PROCESS_OVERWRITTEN', message, evidence: { ...times, absent } }
  }
  if (absent.length > 0) {
    const message = `process ${pid} was started without ${absent.join(', ')}; restart the app`
    return { status: 'fail', reason: 'ENV_PROCESS_VARIABLE_MISSING', message, evidence: { ...times, absent } }
  }

  const differing = [...variables].flatMap(([name, variable]) => {
    if (variable.kind === 'unknown' || !variable.exported) return []
    const found = fingerprints.get(name)
    const same =
      found === undefined ? overwritten || !declared.includes(name) : found === fingerprint(variable.value)
    return same ? [] : [name]
  })
  if (differing.length === 0) return { status: 'pass', evidence: times }
  const names = listDeclared(differing, declared)
  const evidence = { ...times, differing: differing.filter(name => declared.includes(name)) }
  if (writtenAtMs > startedAtMs) {
    const message = `process ${pid} runs on an older environment (${names}): started ${times.startedAt}, files written ${times.filesWrittenAt}; restart the app`
    return { status: 'warn', reason: 'ENV_PROCESS_OUTDATED', message, evidence }
  }
  const message = `process ${pid} started after the files were written, but differs from them (${names}); check for Environment= in its unit, or for other files`
  return { status: 'warn', reason: 'ENV_PROCESS_DIFFERS', message, evidence }
}
