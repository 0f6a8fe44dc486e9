import { setTimeout as delay } from 'node:timers/promises'
import { parseDuration } from '../config/units.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { durationText } from '../lib/duration-text.ts'
import { printable, printableValue } from '../lib/printable.ts'
import type { StatusAnswer } from './ask-daemon.ts'
import { exitCode, exitCodeOf } from './exit-code.ts'
import { daemonSource } from './status-source.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { progressOf } from './wait-progress.ts'
import type { Progress } from './wait-progress.ts'

const DEFAULT_TIMEOUT = '5m'
const POLL_MS = 500
/** A look may take so long, and at least `SHORTEST_LOOK_MS` even if less time is left. */
const LONGEST_LOOK_MS = 4000
const SHORTEST_LOOK_MS = 500
/** `5m0s` fits, so that lines stand below each other. */
const TIME_WIDTH = 4

export interface WaitOptions {
  readonly config?: ConfigRef
  readonly timeout?: string
  readonly release?: string
  readonly failFast?: boolean
  readonly json?: boolean
  /** `--no-daemon` */
  readonly daemon?: boolean
}

type Result = 'reached' | 'not-reached' | 'unknown'

const codes = { reached: exitCode.ok, 'not-reached': exitCode.fail, unknown: exitCode.unknown }

const timeoutMsFrom = (timeout: string): number => {
  const timeoutMs = parseDuration(timeout)
  if (timeoutMs === undefined)
    throw new UsageError(`--timeout: found ${JSON.stringify(timeout)}; expected a duration such as 5m`)
  return timeoutMs
}

/** What is told of each change, and at the end. */
interface Told {
  readonly answer: StatusAnswer
  readonly progress: Progress | undefined
  readonly elapsedMs: number
  readonly result?: Result
  /** What was last seen against a pass. */
  readonly lastAgainst: string | undefined
  /** More rounds are needed than in the line before. */
  readonly isRelapse: boolean
}

const forMachines = ({ answer, progress, elapsedMs, result, lastAgainst }: Told): string => {
  const seen = answer.ok
    ? {
        status: answer.document.status,
        phase: answer.document.phase,
        releaseId: answer.document.releaseId,
        startup: answer.document.startup,
        against: progress?.against,
      }
    : { error: answer.message }
  const end = result && { result, lastAgainst }
  return `${printable(JSON.stringify({ elapsedMs: Math.round(elapsedMs), ...end, ...seen }))}\n`
}

const forPeople = ({ answer, progress, elapsedMs, result, lastAgainst, isRelapse }: Told): string => {
  const time = durationText(elapsedMs).padStart(TIME_WIDTH)
  const state = progress?.state ?? (answer.ok ? '' : `no status: ${answer.message}`)
  const last = lastAgainst === undefined ? '' : `; last against it: ${lastAgainst}`
  if (result === 'reached') return `${time}  reached: ${state}\n`
  if (result) return `${time}  not reached: ${state}${last}\n`
  const against = progress && (progress.against.join('; ') || 'all pass')
  const relapse = isRelapse && answer.ok ? ` (relapse: ${answer.document.startup?.needed} rounds now)` : ''
  return `${time}  ${state}${against === undefined ? '' : `  ${against}`}${relapse}\n`
}

/** What to say of the last look when the time is up. */
const lateResult = (answer: StatusAnswer): Result =>
  answer.ok && exitCodeOf(answer.document) !== exitCode.unknown ? 'not-reached' : 'unknown'

/**
 * `health-sidecar wait`: until the host is in service, by the running daemon, which may still have to start; or, without
 * one, by the checks. Tells each change. Throws a ConfigError or a UsageError.
 */
export const waitCommand = async (options: WaitOptions, { out, env }: Terminal): Promise<number> => {
  const { config, release, failFast = false, json = false } = options
  const timeoutMs = timeoutMsFrom(options.timeout ?? DEFAULT_TIMEOUT)
  await using source =
    options.daemon === false
      ? await (await import('./checks-source.ts')).checksSource(config, env)
      : await daemonSource(config, env)
  const beganAt = performance.now()
  const elapsed = (): number => performance.now() - beganAt
  let toldKey: string | undefined
  let needed = Infinity
  let lastAgainst: string | undefined
  let lastSeen: StatusAnswer | undefined

  for (;;) {
    const limitMs = Math.min(Math.max(timeoutMs - elapsed(), SHORTEST_LOOK_MS), LONGEST_LOOK_MS)
    const look = printableValue(await source.look(limitMs))
    // a last look that had too little time says nothing of the daemon
    const wasHurried = !look.ok && look.code === 'ETIMEDOUT' && limitMs < LONGEST_LOOK_MS
    const answer = wasHurried ? (lastSeen ?? look) : look
    lastSeen = answer
    const progress = answer.ok ? progressOf(answer.document, release) : undefined
    const neededNow = answer.ok ? (answer.document.startup?.needed ?? 0) : needed
    lastAgainst = progress?.against[0] ?? lastAgainst
    const told = { answer, progress, lastAgainst, isRelapse: neededNow > needed, elapsedMs: elapsed() }
    needed = neededNow
    const tell = (result?: Result): void =>
      out((json ? forMachines : forPeople)({ ...told, ...(result && { result }) }))

    const end = progress?.isReached
      ? 'reached'
      : failFast && progress?.isProof
        ? 'not-reached'
        : told.elapsedMs >= timeoutMs
          ? lateResult(answer)
          : undefined
    if (end) {
      tell(end)
      return codes[end]
    }
    const key = progress?.key ?? (answer.ok ? '' : answer.code)
    if (key !== toldKey) tell()
    toldKey = key
    await delay(Math.min(POLL_MS, Math.max(timeoutMs - elapsed(), 0)))
  }
}
