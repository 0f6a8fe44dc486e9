import { createHmac, randomBytes } from 'node:crypto'

/** For as long as this program runs: what is kept of an environment cannot be looked up elsewhere. */
const salt = randomBytes(32)

/** Stands for a value where it is only to be compared. */
export const fingerprint = (value: string | Buffer): string =>
  createHmac('sha256', salt).update(value).digest('base64')

/** What a process was started with: fingerprints of the values, by name. */
export interface ProcessEnvironment {
  readonly fingerprints: ReadonlyMap<string, string>
  /**
   * Whether the process has written its title over the start of the area, as uWSGI's auto-procname does: a name that is
   * not found may have stood there.
   */
  readonly overwritten: boolean
}

const assignment = /^([A-Za-z_][A-Za-z0-9_.-]*)=/

/** Reads the area of /proc/PID/environ. Bytes are taken one by one, so that no encoding alters a value. */
export const parseEnviron = (area: Buffer): ProcessEnvironment => {
  const entries = area.toString('latin1').split('\0')
  const overwritten = area.length > 0 && !assignment.test(entries[0] ?? '')
  // What follows the title begins in the midst of a variable, and may look like one of another name.
  const remnant = overwritten ? entries.findIndex((entry, i) => i > 0 && entry !== '') : -1
  const fingerprints = new Map<string, string>()
  for (const entry of overwritten ? entries.slice(remnant < 0 ? entries.length : remnant + 1) : entries) {
    const name = assignment.exec(entry)?.[1]
    // Of a name that is there twice, getenv(3) finds the first.
    if (name !== undefined && !fingerprints.has(name))
      fingerprints.set(name, fingerprint(Buffer.from(entry.slice(name.length + 1), 'latin1')))
  }
  return { fingerprints, overwritten }
}
