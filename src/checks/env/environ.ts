import { createHmac, randomBytes } from 'node:crypto'

/** One salt per run of this program, so a stored fingerprint cannot be looked up elsewhere. */
let salt: Buffer | undefined

/** Replaces a value that is only compared. */
export const fingerprint = (value: string | Buffer): string => {
  salt ??= randomBytes(32)
  return createHmac('sha256', salt).update(value).digest('base64')
}

/** What a process was started with: fingerprints of the values, by name. */
export interface ProcessEnvironment {
  readonly fingerprints: ReadonlyMap<string, string>
  /**
   * Whether the process has overwritten the start of the area with its title, as uWSGI's auto-procname does. Then a name
   * that is not found may have been there.
   */
  readonly overwritten: boolean
}

const assignment = /^([A-Za-z_][A-Za-z0-9_.-]*)=/

/** Parses the content of /proc/PID/environ. It is decoded byte by byte, so that no encoding alters a value. */
export const parseEnviron = (area: Buffer): ProcessEnvironment => {
  const entries = area.toString('latin1').split('\0')
  const overwritten = area.length > 0 && !assignment.test(entries[0] ?? '')
  // The text after the title starts inside a variable, and may look like another one.
  const remnant = overwritten ? entries.findIndex((entry, i) => i > 0 && entry !== '') : -1
  const fingerprints = new Map<string, string>()
  for (const entry of overwritten ? entries.slice(remnant < 0 ? entries.length : remnant + 1) : entries) {
    const name = assignment.exec(entry)?.[1]
    // If a name occurs twice, getenv(3) returns the first.
    if (name !== undefined && !fingerprints.has(name))
      fingerprints.set(name, fingerprint(Buffer.from(entry.slice(name.length + 1), 'latin1')))
  }
  return { fingerprints, overwritten }
}
