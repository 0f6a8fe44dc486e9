import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Logger as Pino } from 'pino'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { createSystemClock } from '../monitor/clock.ts'
import type { Clock } from '../monitor/clock.ts'
import { LineWriter } from './line-writer.ts'
import type { Gap } from './line-writer.ts'
import { isJournal, openSink } from './log-sink.ts'
import type { LogSink } from './log-sink.ts'

/** A log entry: the stable dotted name of the event, a message for a reader, and members. Never a secret. */
export interface LogEvent {
  readonly event: string
  readonly msg: string
  readonly [member: string]: unknown
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface Logger {
  log(level: Level, event: LogEvent): void
}

/** A logger with its destination. Dispose flushes the log buffer, for one second at most. */
export interface OpenLogger extends Logger, AsyncDisposable {
  /** Sets the lowest level that is logged. */
  setLevel(level: Level): void
  /** Logs at `info`, even if the lowest level is above that. */
  logAlways(event: LogEvent): void
  /** How many lines were dropped so far. */
  dropped(): number
  /** Settles once the destination is open, or counts as failed. Lines that were logged before wait in the buffer. */
  readonly opened: Promise<void>
  /** Reopens the file after a rotation. If that fails, logs it and continues in the old file. Does nothing for stdout. */
  reopen(): Promise<void>
}

export interface LoggerOptions {
  readonly level: Level
  /** `stdout` or a path */
  readonly file: string
  readonly release: () => string | undefined
  /** the app's name, on a host with several */
  readonly app?: string | undefined
  /** another log that reports a failed open or reopen; default: this log */
  readonly fallback?: Logger
  /** called after the last write if lines were lost */
  readonly onLost: (lost: LogEvent) => void
  /** the variable JOURNAL_STREAM */
  readonly journalStream?: string | undefined
  /** for tests */
  readonly open?: (file: string) => Promise<LogSink>
  readonly clock?: Pick<Clock, 'after'>
}

/** A destination that is not open after this time, on a stalled disk, counts as failed. It is used if it opens later. */
const OPEN_MS = 2000

/** Priority prefixes that the journal reads and removes (sd-daemon(3)), by pino's number of the level. */
const PRIORITIES: Readonly<Record<number, string>> = {
  10: '<7>',
  20: '<7>',
  30: '<6>',
  40: '<4>',
  50: '<3>',
  60: '<2>',
}

/** Characters that JSON does not escape, and that some readers treat as a line end or a terminal command. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** journald splits longer lines (LineMax= in journald.conf(5)). The priority prefix counts. */
const MAX_LINE_BYTES = 48 * 1024 - '<6>'.length
/** In a line that is too long, the most characters of JSON that a member may have. */
const MAX_MEMBER_LENGTH = 2000

/** The line without its long members, with their names in `omitted`. Long texts are truncated. */
const truncated = (line: string): string => {
  const kept: Record<string, unknown> = {}
  const omitted: string[] = []
  for (const [name, value] of Object.entries<unknown>(JSON.parse(line))) {
    if (typeof value === 'string') kept[name] = value.slice(0, MAX_MEMBER_LENGTH)
    else if (JSON.stringify(value).length <= MAX_MEMBER_LENGTH) kept[name] = value
    else omitted.push(name)
  }
  return `${JSON.stringify({ ...kept, omitted })}\n`
}

/** The line to write, from pino's line. */
const printableLine = (line: string): string => {
  const printable = line.replace(UNPRINTABLE, escaped)
  return Buffer.byteLength(printable) < MAX_LINE_BYTES
    ? printable
    : truncated(line).replace(UNPRINTABLE, escaped)
}

const gapLine = ({ dropped, why }: Gap, where = 'here'): LogEvent => {
  const [cause, action] =
    why === 'blocked'
      ? ['the destination did not take them in time', 'check the program that reads the log']
      : [why, 'check the disk and the destination of the log']
  const msg = `${dropped} log lines are missing ${where} (${cause}); ${action}`
  return { event: 'log.dropped', msg, dropped, why }
}

/**
 * Writes one JSON object a line. Writing is asynchronous: a blocked or full destination never delays an answer. A file
 * that cannot be opened takes no host out of service. Until a reopen succeeds, its lines go to stdout. With a `fallback`
 * they are dropped.
 */
export const createLogger = (options: LoggerOptions): OpenLogger => {
  const { level, file, app, release, fallback, onLost, journalStream } = options
  const { open = openSink, clock = createSystemClock() } = options
  let priorities = file === 'stdout' && isJournal(journalStream) ? PRIORITIES : {}
  const writer = new LineWriter(undefined, { clock, onGap: gap => self.log('error', gapLine(gap)) })
  const destination = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      writer.write((priorities[this.lastLevel] ?? '') + printableLine(line))
    },
  }
  const logger: Pino = pino(
    {
      level,
      base: { host: hostname(), ...(app !== undefined && { app }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      mixin: () => ({ release: release() }),
    },
    destination,
  )
  const always = logger.child({})
  // set afterwards: as an option, a level that is the parent's own would follow the parent's
  always.level = 'info'

  let isDisposed = false
  let opening: Promise<void> | undefined
  /** Opens the destination and uses it. Never twice at once: each would block a thread of a stalled disk. */
  const openOnce = async (): Promise<void> => {
    const sink = await open(file)
    if (isDisposed) return sink.close()
    if (file !== 'stdout') priorities = {}
    writer.moveTo(sink)
  }
  const openInTime = async (): Promise<void> => {
    opening ??= openOnce().finally(() => (opening = undefined))
    const { promise, reject } = Promise.withResolvers<never>()
    using _limit = clock.after(OPEN_MS, () => reject(Object.assign(new Error(), { code: 'HUNG' })))
    await Promise.race([opening, promise])
  }

  const reportFailure = (event: string, failure: { readonly msg: string; readonly code: string }): void =>
    (fallback ?? self).log('error', { event, ...failure, file })

  const openFirst = async (): Promise<void> => {
    try {
      await openInTime()
    } catch (error) {
      const code = codeOrUnknown(error)
      const instead = fallback || file === 'stdout' ? undefined : await open('stdout').catch(() => undefined)
      if (instead) {
        if (isJournal(journalStream)) priorities = PRIORITIES
        writer.moveTo(instead)
      } else writer.fail(code)
      const where = instead ? 'its lines go to stdout' : 'its lines are dropped'
      const msg = `cannot open log ${file} (${code}); ${where}; fix the path or its permissions, then send SIGHUP`
      reportFailure('log.open_failed', { msg, code })
    }
  }

  const self: OpenLogger = {
    log: (eventLevel, event) => logger[eventLevel](event),
    logAlways: event => always.info(event),
    setLevel: next => void (logger.level = next),
    dropped: () => writer.dropped,
    opened: openFirst(),
    async reopen() {
      if (file === 'stdout') return
      try {
        await self.opened
        await openInTime()
      } catch (error) {
        const code = codeOrUnknown(error)
        const msg = `cannot reopen log ${file} (${code}); still writing to the old file`
        reportFailure('log.reopen_failed', { msg, code })
      }
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]()
      isDisposed = true
      if (writer.unreported) onLost({ ...gapLine(writer.unreported, `at the end of ${file}`), file })
    },
  }
  return self
}
