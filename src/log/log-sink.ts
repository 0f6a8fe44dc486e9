import { close, constants, fstat, fstatSync, open, read, write } from 'node:fs'
import type { Stats } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR } = constants

/** A destination of bytes. It never blocks the event loop. */
export interface LogSink {
  /** Calls back with the number of bytes taken, which may be fewer, or with the system's error. */
  write(bytes: Buffer, taken: (error: Error | null, bytesTaken: number) => void): void
  /** The most bytes to offer in one write. One longer line is offered whole. */
  readonly maxWriteBytes: number
  /** Whether an error ends the sink. A full disk may have room again; a broken pipe stays broken. */
  readonly endsOnError: boolean
  /** Whether the existing content ends in the middle of a line. */
  readonly endsInMidLine: boolean
  close(): void
}

const endsInMidLine = async (fd: number, { size }: Stats): Promise<boolean> => {
  if (size === 0) return false
  const last = Buffer.from('\n')
  // stdout may be a file that is open for writing only
  await promisify(read)(fd, last, 0, 1, size - 1).catch(() => {})
  return last.toString() !== '\n'
}

/** Writes on libuv's threads: a stalled disk blocks one thread. */
const fileSink = async (fd: number, stats: Stats): Promise<LogSink> => ({
  write: (bytes, taken) => write(fd, bytes, taken),
  maxWriteBytes: 64 * 1024,
  endsOnError: false,
  endsInMidLine: stats.isFile() && (await endsInMidLine(fd, stats)),
  close: () => close(fd, () => {}),
})

/** A pipe takes up to this many bytes whole or not at all (PIPE_BUF in pipe(7)): a dropped line is never partly written. */
const PIPE_BUF_BYTES = 4096

/** A non-blocking pipe or socket. A thread that waits for a reader could not be stopped, and the process could not exit. */
const streamSink = (fd: number): LogSink => {
  const socket = new Socket({ fd, readable: false, writable: true })
  // the callback of the write gets the error too
  socket.on('error', () => {})
  return {
    write: (bytes, taken) => void socket.write(bytes, error => taken(error ?? null, bytes.length)),
    maxWriteBytes: PIPE_BUF_BYTES,
    endsOnError: true,
    endsInMidLine: false,
    close: () => void socket.destroy(),
  }
}

const sinkOf = async (fd: number): Promise<LogSink> => {
  const stats = await promisify(fstat)(fd)
  return stats.isFIFO() || stats.isSocket() ? streamSink(fd) : await fileSink(fd, stats)
}

/** Whether stdout is the journal's stream, as the variable JOURNAL_STREAM says (systemd.exec(5)). */
export const isJournal = (journalStream: string | undefined): boolean => {
  if (journalStream === undefined) return false
  const { dev, ino } = fstatSync(1)
  return journalStream === `${dev}:${ino}`
}

/** Opens for reading too: a named pipe then opens without a reader, and stays open when a reader leaves. */
const FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK
const MODE = 0o640

/** Opens `stdout` or a path, without blocking this thread: a disk may stall. Rejects with the system's error. */
export const openSink = async (file: string): Promise<LogSink> =>
  await sinkOf(file === 'stdout' ? 1 : await promisify(open)(file, FLAGS, MODE))
