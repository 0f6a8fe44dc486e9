import { join } from 'node:path'
import { causes } from '../core/finding.ts'
import type { Against } from '../core/host-state.ts'
import { readTextFile } from '../files/files.ts'
import { othersCanWrite } from '../files/others-can-write.ts'
import { has, isListOf, isNumber, isOneOf, isText, optional } from '../lib/shape.ts'
import type { Shape } from '../lib/shape.ts'
import { othersCanWriteBeside, readStateFile, removeStateFile, whyOf, writeStateFile } from './state-file.ts'

/**
 * What must be the same for an earlier pass to count after a restart of the sidecar. What has been against the host since
 * need not be the same.
 */
export interface Latch extends Partial<Against> {
  /** Changes with each boot of the host. */
  readonly bootId: string
  /** Absent if no release is configured. */
  readonly release?: string
  /** A digest of the configuration, without its secrets. */
  readonly configHash: string
  /** A peer has answered under it: if none does after a restart of the sidecar, that is an outage. */
  readonly peersAnswered?: true
}

export type LatchReading =
  | { readonly kind: 'latch'; readonly latch: Latch }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly why: string }
  /** Others than root and this program's user can write it: it may be forged. */
  | { readonly kind: 'unsafe'; readonly why: string }

/** Others can write to the state directory. The message is a sentence. */
export class UnsafeStateDirectory extends Error {}

const fileIn = (stateDir: string) => join(stateDir, 'latch.json')

/** Reads the latch. Never rejects, and takes ten seconds at most. */
export const readLatch = async (stateDir: string): Promise<LatchReading> => {
  const file = fileIn(stateDir)
  try {
    const unsafe = await othersCanWriteBeside(file)
    if (unsafe !== undefined) return { kind: 'unsafe', why: unsafe }
  } catch (error) {
    return { kind: 'damaged', why: whyOf(error) }
  }
  const reading = await readStateFile(file)
  if (reading.kind !== 'value') return reading
  const unsafe = othersCanWrite(file, reading.stats)
  if (unsafe !== undefined) return { kind: 'unsafe', why: unsafe }
  return isLatch(reading.value)
    ? { kind: 'latch', latch: reading.value }
    : { kind: 'damaged', why: 'it is not a latch' }
}

/** Writes the latch. Rejects with an UnsafeStateDirectory or a FileError. */
export const writeLatch = async (stateDir: string, latch: Latch): Promise<void> => {
  const file = fileIn(stateDir)
  const unsafe = await othersCanWriteBeside(file)
  if (unsafe !== undefined) throw new UnsafeStateDirectory(unsafe)
  await writeStateFile(file, latch)
}

/** Removes the latch. Whether it is gone. Never rejects. */
export const removeLatch = (stateDir: string): Promise<boolean> =>
  removeStateFile(fileIn(stateDir)).then(
    () => true,
    () => false,
  )

export const isSameLatch = (a: Latch, b: Latch): boolean =>
  a.bootId === b.bootId && a.release === b.release && a.configHash === b.configHash

const isTrue = isOneOf(true)

const isDuration: Shape = value => isNumber(value) && Number(value) > 0

const hasMembers = has({
  bootId: isText,
  configHash: isText,
  release: optional(isText),
  peersAnswered: optional(isTrue),
  failing: optional(isListOf(has({ name: isText, isStuck: optional(isTrue) }))),
  silent: optional(isListOf(has({ name: isText, silentForMs: isDuration }))),
  held: optional(isListOf(has({ name: isText, cause: isOneOf(...causes), heldForMs: isDuration }))),
})

const isLatch = (value: unknown): value is Latch => hasMembers(value)

/** The kernel's id of this boot (random(4)). Undefined on a system that has none. */
export const readBootId = async (): Promise<string | undefined> => {
  try {
    return (await readTextFile('/proc/sys/kernel/random/boot_id')).trim()
  } catch {
    return undefined
  }
}
