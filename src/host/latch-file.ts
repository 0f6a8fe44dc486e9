import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMapping } from '../lib/json.ts'
import { codeOf } from '../lib/describe-error.ts'

/** What must be the same for a pass of before to count after a restart of the sidecar. */
export interface Latch {
  /** Changes with each boot of the host. */
  readonly bootId: string
  /** Absent where no release is configured. */
  readonly release?: string
  /** A digest of the configuration, without its secrets. */
  readonly configHash: string
}

export type LatchReading =
  | { readonly kind: 'latch'; readonly latch: Latch }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly why: string }

const fileIn = (stateDir: string) => join(stateDir, 'latch.json')

/** Reads the latch. Never throws. */
export const readLatch = async (stateDir: string): Promise<LatchReading> => {
  try {
    const latch: unknown = JSON.parse(await readFile(fileIn(stateDir), 'utf8'))
    return isLatch(latch) ? { kind: 'latch', latch } : { kind: 'damaged', why: 'it is no latch' }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' }
    return { kind: 'damaged', why: codeOf(error) ?? 'it is no JSON' }
  }
}

/** Writes the latch so that a reader sees all of it or nothing. Throws the system's error. */
export const writeLatch = async (stateDir: string, latch: Latch): Promise<void> => {
  const file = fileIn(stateDir)
  // not `recursive`, which never ends where a file system makes no directories, as below /proc
  await mkdir(stateDir).catch(() => {})
  await writeFile(`${file}.new`, `${JSON.stringify(latch)}\n`, { mode: 0o640, flush: true })
  await rename(`${file}.new`, file)
}

export const isSameLatch = (a: Latch, b: Latch): boolean =>
  a.bootId === b.bootId && a.release === b.release && a.configHash === b.configHash

const isLatch = (value: unknown): value is Latch =>
  isMapping(value) &&
  typeof value['bootId'] === 'string' &&
  typeof value['configHash'] === 'string' &&
  (!('release' in value) || typeof value['release'] === 'string')

/** The kernel's id of this boot (random(4)); undefined on a system that has none. */
export const readBootId = async (): Promise<string | undefined> => {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch {
    return undefined
  }
}
