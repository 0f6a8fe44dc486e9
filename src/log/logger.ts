import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Logger as Pino } from 'pino'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { createSystemClock } from '../monitor/clock.ts'
import { LineWriter } from './line-writer.ts'
import type { Gap } from './line-writer.ts'
import { isJournal, openSink, openSinkAsync } from './log-sink.ts'
import type { LogSink } from './log-sink.ts'

/** What is logged: an event's stable dotted name, what it says to a reader, and its members. Never a secret. */
export interface LogEvent {
  readonly event: string
  readonly msg: string
  readonly [member: string]: unknown
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface Logger {
  log(level: Level, event: LogEvent): void
}

/** A logger and where its lines go. Disposing of it writes out what is held, for a second at most. */
export interface OpenLogger extends Logger, AsyncDisposable {
  /** What is below it is not logged from now on. */
  setLevel(level: Level): void
  /** How many lines were dropped so far. */
  dropped(): number
  /** Opens the file anew, as it has been moved away; does nothing to stdout. Where that fails, says so and goes on in the old. */
  reopen(): Promise<void>
}

export interface LoggerOptions {
  readonly level: Level
  /** `stdout` or a path */
  readonly file: string
  readonly release: () => string | undefined
  /** who is told that the file cannot be opened or reopened; by itself, the log itself */
  readonly tell?: Logger
  /** told, at its end, of lines that are lost */
  readonly atEnd: (lost: LogEvent) => void
  /** the variable JOURNAL_STREAM */
  readonly journalStream?: string | undefined
}

/** What the journal takes off a line again, as its priority (sd-daemon(3)); by pino's numbers of the levels. */
const PRIORITIES: Readonly<Record<number, string>> = {
  10: '<7>',
  20: '<7>',
  30: '<6>',
  40: '<4>',
  50: '<3>',
  60: '<2>',
}

/** Characters that JSON leaves as they are, and that end a line, or are a command, to some who read it. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** journald cuts what is longer in pieces (LineMax= in journald.conf(5)), the priority before it included. */
const MAX_LINE_BYTES = 48 * 1024 - '<6>'.length
/** In a line that would be longer, each member may be so long, in characters of JSON. */
const MAX_MEMBER_LENGTH = 2000

/** The same line without its long members, which it names; a long text is cut short. */
const shortened = (line: string): string => {
  const kept: Record<string, unknown> = {}
  const omitted: string[] = []
  for (const [name, value] of Object.entries<unknown>(JSON.parse(line))) {
    if (typeof value === 'string') kept[name] = value.slice(0, MAX_MEMBER_LENGTH)
    else if (JSON.stringify(value).length <= MAX_MEMBER_LENGTH) kept[name] = value
    else omitted.push(name)
  }
  return `${JSON.stringify({ ...kept, omitted })}\n`
}

/** What is written of a line that pino made. */
const finished = (line: string): string => {
  const printable = line.replace(UNPRINTABLE, escaped)
  return Buffer.byteLength(printable) < MAX_LINE_BYTES
    ? printable
    : shortened(line).replace(UNPRINTABLE, escaped)
}

const gapLine = ({ dropped, why }: Gap, where = 'here'): LogEvent => {
  const cause = why === 'blocked' ? 'nobody took them in time' : why
  return { event: 'log.dropped', msg: `lines that are missing ${where}: ${dropped} (${cause})`, dropped, why }
}

/** A destination, or the system's code where it cannot be opened. */
const openOrCode = (file: string): LogSink | string => {
  try {
    return openSink(file)
  } catch (error) {
    return codeOrUnknown(error)
  }
}

/**
 * One JSON object a line. Writing is asynchronous: a destination that blocks, or is full, never delays an answer. A file
 * that cannot be opened takes no host out either: until it can be reopened, its lines go to stdout; where somebody else
 * is there to tell of it, nowhere.
 */
export const createLogger = (options: LoggerOptions): OpenLogger => {
  const { level, file, release, tell, atEnd, journalStream } = options
  const opened = openOrCode(file)
  const failure = typeof opened === 'string' ? opened : undefined
  const instead = failure !== undefined && !tell ? openSink('stdout') : undefined
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
      writer.write((priorities[this.lastLevel] ?? '') + finished(line))
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
        const msg = `the log ${file} cannot be opened anew (${code}), and goes on where it was`
        ;(tell ?? self).log('error', { event: 'log.reopen_failed', msg, file, code })
      }
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]()
      if (writer.untold) atEnd({ ...gapLine(writer.untold, `at the end of ${file}`), file })
    },
  }
  if (failure !== undefined) {
    const where = instead ? 'its lines go to stdout' : 'its lines are dropped'
    const msg = `the log ${file} cannot be opened (${failure}): until it can, and SIGHUP says so, ${where}`
    ;(tell ?? self).log('error', { event: 'log.open_failed', msg, file, code: failure })
  }
  return self
}
