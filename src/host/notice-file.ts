import { join } from 'node:path'
import { isMapping } from '../lib/json.ts'
import { noticesOf } from './notices.ts'
import type { Notices } from './notices.ts'
import { readStateFile, removeStateFile, writeStateFile } from './state-file.ts'

/** Notices that drain this host, as the next start of the program needs them. */
export interface KeptNotices {
  /** They are for this boot: an instance that was stopped has none when it starts again. */
  readonly bootId: string
  /** when the drain began */
  readonly since: Date
  readonly notices: Notices
}

const fileIn = (stateDir: string): string => join(stateDir, 'lifecycle.json')

/** The notices that are kept for this boot. Never rejects. A file that cannot be read counts as no notice. */
export const readKeptNotices = async (stateDir: string, bootId: string): Promise<KeptNotices | undefined> => {
  const reading = await readStateFile(fileIn(stateDir))
  if (reading.kind !== 'value' || !isMapping(reading.value)) return undefined
  const { bootId: keptFor, since: began, notices } = reading.value
  const since = new Date(typeof began === 'string' ? began : Number.NaN)
  if (keptFor !== bootId || Number.isNaN(since.getTime())) return undefined
  return { bootId, since, notices: noticesOf(notices) }
}

/** Throws the system's error. */
export const writeKeptNotices = (stateDir: string, kept: KeptNotices): Promise<void> =>
  writeStateFile(fileIn(stateDir), kept)

/** Removes them, if there are any. Throws the system's error. */
export const removeKeptNotices = (stateDir: string): Promise<void> => removeStateFile(fileIn(stateDir))
