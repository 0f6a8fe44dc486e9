import { posix } from 'node:path'

/** Lines of `liquibase status --verbose`, and of its banner, that name no change set. */
const OTHER_LINES =
  /^(?:\d+ change ?sets? ha(?:s|ve) not been applied to |\S+ is up to date|Liquibase |Starting Liquibase |#|(?:INFO|WARNING|SEVERE)\b)/i

/** DatabaseChangeLog.normalizePath: without `classpath:`, drive, leading slash, and steps that lead nowhere. */
const pathOf = (path: string): string => {
  const plain = path
    .replace(/^classpath:/, '')
    .replaceAll('\\', '/')
    .replace(/^[A-Za-z]:/, '')
    .replace(/^\//, '')
  return posix.normalize(plain).replace(/\/$/, '')
}

/** The key of a change set, `path::id::author`, by which Liquibase compares: RanChangeSet.isSameAs ignores case. */
export const changeSetKey = (changeSet: string): string => {
  const end = changeSet.indexOf('::')
  if (end < 0) return changeSet.toLowerCase()
  return (pathOf(changeSet.slice(0, end)) + changeSet.slice(end)).toLowerCase()
}

/** The key that a line of the manifest names. Null for a line that names none; undefined for one that is no such line. */
export const changeSetInLine = (line: string): string | null | undefined => {
  if (/^[^:].*::.+::[^:]/.test(line)) return changeSetKey(line)
  return OTHER_LINES.test(line) ? null : undefined
}

/** How many change sets the first line of `liquibase status --verbose` announces. */
export const changeSetsAnnounced = (line: string): number | undefined => {
  const count = /^(\d+) change ?sets? ha(?:s|ve) not been applied to /i.exec(line)?.[1]
  return count === undefined ? undefined : Number(count)
}
