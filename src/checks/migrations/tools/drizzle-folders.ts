import { join } from 'node:path'
import { readTextFile } from '../../../files/files.ts'
import { drizzleHash } from './drizzle-hash.ts'
import type { Judge, Row, Shipped } from './tool.ts'

/** drizzle-orm 1.0, migrator.js: a folder a migration, whose name begins with its time in UTC. */
const FOLDER = /^\d{14}/

/** The folders of a directory that Drizzle takes for migrations. */
export const isDrizzleFolder = (path: string): boolean => /^[^/]+\/migration\.sql$/.test(path)

/** migrator.utils.js, formatToMillis. Undefined if the name does not begin with a time. */
const timeOf = (name: string): string | undefined => {
  if (!FOLDER.test(name)) return undefined
  const [year, month, day, hour, minute, second] = [
    [0, 4],
    [4, 6],
    [6, 8],
    [8, 10],
    [10, 12],
    [12, 14],
  ].map(([from, to]) => Number(name.slice(from, to)))
  return String(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second))
}

export const readDrizzleFolder = async (directory: string, path: string): Promise<Shipped> => {
  const text = await readTextFile(join(directory, path))
  const name = path.slice(0, path.indexOf('/'))
  return { key: name, name, time: timeOf(name) ?? '', hash: drizzleHash(text) }
}

/** up-migrations/pg.js: the time of a row, without its milliseconds. */
const toSeconds = (time: string): string => time.replace(/\d{3}$/, '000')

/**
 * The folder of a row without a name: Drizzle 0.x wrote it, and `drizzle-kit migrate` of 1.0 will find its folder by the time
 * or, if none or several have it, by the hash.
 */
const folderOf = ({ key, hash }: Row, shipped: readonly Shipped[]): Shipped | undefined => {
  const candidates = shipped.filter(({ time }) => key !== null && time === toSeconds(key))
  if (candidates.length === 1) return candidates[0]
  return (candidates.length > 1 ? candidates : shipped).find(folder => folder.hash === hash)
}

/** Drizzle 1.0: a migration has run if a row has its name. Order does not matter. */
export const byFolder: Judge = (shipped, rows) => {
  const names = new Set<string>()
  const extra: string[] = []
  for (const row of rows) {
    const name = row.name ?? folderOf(row, shipped)?.key
    if (name !== undefined) names.add(name)
    if (name === undefined || !shipped.some(({ key }) => key === name)) extra.push(name ?? row.key ?? '')
  }
  return {
    pending: shipped.filter(({ key }) => !names.has(key)).map(({ name }) => name),
    extra: extra.sort(),
  }
}
