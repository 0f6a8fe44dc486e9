import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Logger as Pino } from 'pino'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { createSystemClock } from '../monitor/clock.ts'
import { LineWriter } from './line-writer.ts'
import type { Gap } from './line-writer.ts'
import { isJournal, openSink, openSinkAsync } from './log-sink.ts'
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
  /** How many lines were dropped so far. */
  dropped(): number
  /** Reopens the file after a rotation. If that fails, logs it and continues in the old file. Does nothing for stdout. */
  reopen(): Promise<void>
}

export interface LoggerOptions {
  readonly level: Level
  /** `stdout` or a path */
  readonly file: string
  readonly release: () => string | undefined
  /** another log that reports a failed open or reopen; default: this log */
  readonly fallback?: Logger
  /** called after the last write if lines were lost */
  readonly onLost: (lost: LogEvent) => void
  /** the variable JOURNAL_STREAM */
  readonly journalStream?: string | undefined
}

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

/** The open destination, or the system's code if it cannot be opened. */
const openOrCode = (file: string): LogSink | string => {
  try {
    return openSink(file)
  } catch (error) {
    return codeOrUnknown(error)
  }
}

/**
 * Writes one JSON object a line. Writing is asynchronous: a blocked or full destination never delays an answer. A file
 * that cannot be opened takes no host out of service. Until a reopen succeeds, its lines go to stdout. With a `fallback`
 * they are dropped.
 */
export const createLogger = (options: LoggerOptions): OpenLogger => {
  const { level, file, release, fallback, onLost, journalStream } = options
  const opened = openOrCode(file)
  const failure = typeof opened === 'string' ? opened : undefined
  const instead = failure !== undefined && !fallback ? openSink('stdout') : undefined
  let priorities = (instead || file === 'stdout') && isJournal(journalStream) ? PRIORITIES : {}
  const writer = new LineWriter(typeof opened === 'string' ? instead : opened, {
    clock: createSystemClock(),
    trouble: failure,
    onGap: gap => self.log('error', gapLine(gap)),
  })
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
      base: { host: hostname() },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      mixin: () => ({ release: release() }),
    },
    destination,
  )
  const self: OpenLogger = {
    log: (eventLevel, event) => logger[eventLevel](event),
    setLevel: next => void (logger.level = next),
    dropped: () => writer.dropped,
    async reopen() {
      if (file === 'stdout') return
      try {
        const sink = await openSinkAsync(file)
        priorities = {}
        writer.moveTo(sink)
      } catch (error) {
        const code = codeOrUnknown(error)
        const msg = `cannot reopen log ${file} (${code}); still writing to the old file`
        ;(fallback ?? self).log('error', { event: 'log.reopen_failed', msg, file, code })
      }
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]()
      if (writer.unreported) onLost({ ...gapLine(writer.unreported, `at the end of ${file}`), file })
    },
  }
  if (failure !== undefined) {
    const where = instead ? 'its lines go to stdout' : 'its lines are dropped'
    const msg = `cannot open log ${file} (${failure}); ${where}; fix the path or its permissions, then send SIGHUP`
    ;(fallback ?? self).log('error', { event: 'log.open_failed', msg, file, code: failure })
  }
  return self
}
