/** The codes of this program's own; every other code is the system's, such as ENOENT. */
export type OwnFileErrorCode =
  /** The operation has not returned, and may never return. */
  | 'HUNG'
  /** More bytes, or more directory entries, than this program reads. */
  | 'TOO_LARGE'
  /** A pipe, a socket or a device. */
  | 'NOT_A_FILE'
  /** Others than root and this program's user can write to it, or could have made it. */
  | 'UNSAFE'

/** Why a file could not be read or written. The message is a sentence that names the file. */
export class FileError extends Error {
  readonly code: string
  readonly path: string
  constructor(code: string, path: string, message: string) {
    super(message)
    this.code = code
    this.path = path
  }
}

/** Whether the operation has not returned, so that the file may be on a dead file system. */
export const isHung = (error: unknown): error is FileError =>
  error instanceof FileError && error.code === 'HUNG'

/** A sentence for a code of this program's own. Undefined for the system's codes. */
export const whyUnreadable = (code: string, path: string): string | undefined => {
  const why: Readonly<Record<string, string>> = {
    HUNG: `reading ${path} has not returned in time; its file system may be dead: check the mount`,
    TOO_LARGE: `${path} is larger than health-sidecar reads`,
    NOT_A_FILE: `${path} is not a file`,
  }
  return why[code]
}

/** `64 KiB`, `8 MiB` */
const sizeInWords = (bytes: number): string =>
  bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`

export const tooLarge = (path: string, maxBytes: number): FileError =>
  new FileError('TOO_LARGE', path, `${path} is larger than ${sizeInWords(maxBytes)}`)
