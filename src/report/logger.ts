import { openSync } from 'node:fs'
import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Logger as Pino } from 'pino'

/** What is logged: an event's stable dotted name, what it says to a reader, and its members. Never a secret. */
export interface LogEvent {
  readonly event: string
  readonly msg: string
  readonly [member: string]: unknown
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface Logger {
  log(level: Level, event: LogEvent): void
  /** Writes out what is still held; for the end of the process. */
  flush(): void
}

export interface LoggerOptions {
  readonly level: Level
  /** `stdout` or a path */
  readonly file: string
  readonly release: () => string | undefined
}

/** Bytes that are held for a destination that does not take them; what comes on top is dropped, not waited for. */
const MAX_HELD_BYTES = 1024 * 1024

/**
 * One JSON object a line. Writing is asynchronous: a destination that blocks never delays an answer. Throws the
 * system's error where the file cannot be opened.
 */
export const createLogger = ({ level, file, release }: LoggerOptions): Logger => {
  const dest = file === 'stdout' ? 1 : openSync(file, 'a', 0o640)
  const destination = pino.destination({ dest, sync: false, maxLength: MAX_HELD_BYTES })
  // a reader that has gone (EPIPE) or a disk that is full is no reason to stop answering
  destination.on('error', () => {})
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
  return {
    log: (eventLevel, event) => logger[eventLevel](event),
    flush: () => {
      try {
        destination.flushSync()
      } catch {
        // nobody is left to tell
      }
    },
  }
}
