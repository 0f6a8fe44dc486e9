import { execFileSync } from 'node:child_process'

/** Asks git of the newest commit. The user who builds need not own the clone. */
const ofCommit = (format: string): string =>
  execFileSync('git', ['-c', 'safe.directory=*', 'log', '-1', `--format=${format}`], {
    encoding: 'utf8',
  }).trim()

/**
 * The date of everything that is built, in seconds since 1970: SOURCE_DATE_EPOCH
 * (https://reproducible-builds.org/specs/source-date-epoch/), or that of the commit.
 */
export const sourceDate = (): number => Number(process.env['SOURCE_DATE_EPOCH'] ?? ofCommit('%ct'))

/** The commit that the image names: SOURCE_REVISION, or git's. */
export const sourceRevision = (): string => process.env['SOURCE_REVISION'] ?? ofCommit('%H')
