import type { Stats } from 'node:fs'

/**
 * What changes whenever a file or a directory does. The time of the last change of status (ctime) is part of it, since
 * the time of modification is set at will: rsync and tar do so, and reproducible builds give everything the same.
 */
export const stampOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string =>
  `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`

/** Longer than the coarsest timestamps in use, the 2 s of FAT. */
const SETTLES_AFTER_MS = 3000

/**
 * Whether a stamp can be relied on: a second change right after the first could leave the same time behind, so what has
 * changed just now, or by its clock in the future, is read again.
 */
export const isSettled = ({ ctimeMs, mtimeMs }: Stats): boolean =>
  Math.max(ctimeMs, mtimeMs) < Date.now() - SETTLES_AFTER_MS
