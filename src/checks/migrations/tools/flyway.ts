import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { readTextFile } from '../../../files/files.ts'
import { excludedBy } from '../exclude.ts'
import { unreadable } from '../unreadable.ts'
import { createDirectoryListing } from './directory-listing.ts'
import { directoryMissing, nameNotTaken, notUnderstood } from './shipped-files.ts'
import type { Paths, ReaderOptions, ReadShipped, Shipped } from './tool.ts'
import { findUnread } from './unread-files.ts'

/** The prefix of a repeatable migration's key. Such a migration has a description and no version. */
const REPEATABLE = 'R__'

/** `V1_2__add_price.sql`, with the default prefixes, separator and suffix, or a class of a migration in Java. */
const VERSIONED = /(?:^|\/)V(\d[\d._]*?)(?:__[^/$]*)?\.(?:sql|class)$/
const REPEATED = /(?:^|\/)R__([^/]*)\.sql$/
const REPEATED_CLASS = /(?:^|\/)R__[^/$]*\.class$/

/**
 * Names that other settings of Flyway take (prefix, separator, suffixes), or that are misspelled: `V2__a.pgsql`, `v2__a.sql`,
 * `V2_a.sql`, `2__a.sql`.
 */
const DOUBTFUL = /(?:^|\/)[Vv]?\d[\d._]*_[^/$]*\.(?!(?:conf|md|txt)$)\w+$/

/** The canonical spelling of a version: `1_02` and `1.2.0` are the same to Flyway. */
const flywayVersion = (version: string): string =>
  version
    .replaceAll('_', '.')
    .split('.')
    .map(part => (part === '' ? '0' : String(BigInt(part))))
    .join('.')
    .replace(/(?:\.0)+$/, '')

/** The order of versions: part by part, as numbers. Keys of repeatable migrations come last, in no order. */
export const inFlywayOrder = (a: string, b: string): number => {
  if (a.startsWith(REPEATABLE) || b.startsWith(REPEATABLE)) return a.startsWith(REPEATABLE) ? 1 : -1
  const [left, right] = [a.split('.').map(BigInt), b.split('.').map(BigInt)]
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0n) - (right[i] ?? 0n)
    if (difference !== 0n) return difference < 0n ? -1 : 1
  }
  return 0
}

/** The key of a row: its version in canonical spelling, or the key of a repeatable migration. */
export const flywayKey = (key: string): string => (/^\d[\d._]*$/.test(key) ? flywayVersion(key) : key)

/** Flyway's checksum: CRC32 over the lines, without line ends and byte order mark, as a signed 32-bit integer. */
const flywayChecksum = (text: string): number => {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  return lines.reduce((checksum, line) => crc32(line, checksum), 0) | 0
}

const isMigration = (path: string): boolean =>
  [VERSIONED, REPEATED, REPEATED_CLASS].some(pattern => pattern.test(path))

/** Reads Flyway's locations on disk: SQL migrations, and classes of versioned migrations in Java. */
export const flywayScripts = (locations: Paths, { exclude }: ReaderOptions): ReadShipped => {
  const listing = createDirectoryListing()
  const isExcluded = excludedBy(exclude)
  return async () => {
    const shipped: Shipped[] = []
    for (const location of locations)
      try {
        for (const file of await listing.files(location, { depth: Infinity, isExcluded })) {
          const version = VERSIONED.exec(file)?.[1]
          if (version !== undefined) shipped.push({ key: flywayVersion(version), name: file })
          else if (DOUBTFUL.test(file))
            return {
              ok: false,
              problem: nameNotTaken(location, file, 'rename it to V…__….sql, or keep it elsewhere'),
            }
          if (REPEATED_CLASS.test(file))
            return {
              ok: false,
              problem: notUnderstood(join(location, file), 'its checksum is computed by its own code'),
            }
          const description = REPEATED.exec(file)?.[1]
          if (description === undefined) continue
          const path = join(location, file)
          const text = await readTextFile(path)
          if (text.includes('${'))
            return {
              ok: false,
              problem: notUnderstood(path, 'it contains placeholders, whose values are part of its checksum'),
            }
          const key = REPEATABLE + description.replaceAll('_', ' ')
          shipped.push({ key, name: file, checksum: flywayChecksum(text) })
        }
        const unread = await findUnread(listing, location, { depth: Infinity, isExcluded, isMigration })
        if (unread) return { ok: false, problem: unread }
      } catch (error) {
        return unreadable(location, { code: codeOrUnknown(error), missing: directoryMissing(location) })
      }
    return { ok: true, shipped }
  }
}
