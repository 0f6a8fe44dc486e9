import type { Stats } from 'node:fs'

/** Which version of a file or a directory was seen. */
export interface FileStamp {
  /**
   * Equal for the same inode with the same size and times. The time of the last change of status (ctime) is one of them:
   * rsync, tar and reproducible builds set the time of modification to whatever they like.
   */
  readonly id: string
  /** Wall clock, milliseconds since 1970: when the file was last written, replaced, or had its rights changed (ctime). */
  readonly changedAtMs: number
  /** Likewise: when the content was written (mtime). */
  readonly writtenAtMs: number
}

export const stampOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): FileStamp => ({
  id: `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`,
  changedAtMs: ctimeMs,
  writtenAtMs: mtimeMs,
})

/** Longer than the coarsest timestamps in use, the 2 s of FAT. */
export const SETTLES_AFTER_MS = 3000

/**
 * Whether a stamp can be relied on. A second change right after the first may leave the same stamp behind, so a file that
 * changed just now, or in the future by its clock, must be read again.
 */
export const isSettled = ({ changedAtMs, writtenAtMs }: FileStamp, nowMs: number): boolean =>
  Math.max(changedAtMs, writtenAtMs) < nowMs - SETTLES_AFTER_MS
