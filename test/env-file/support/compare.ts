import type { EnvFile } from '../../../src/env-file/env-file.ts'

/** What a real reader holds, for the names asked for. */
export interface Held {
  readonly values: ReadonlyMap<string, string>
  /** Absent where the reader hands on everything that it holds. */
  readonly exported?: ReadonlySet<string>
}

/** How our reading of a text compares with the real reader's. */
export interface Comparison {
  /** What we claim to know and the reader denies: there must be none. */
  readonly differences: readonly string[]
  /** Names of which we claim something. */
  readonly claims: number
}

/**
 * Holds every claim against the reader: the value of a known name, that a name is absent, and that it is handed on.
 * That something is unknown is no claim.
 */
export const compare = (
  text: string,
  ours: EnvFile,
  theirs: { readonly names: readonly string[]; readonly held: Held },
): Comparison => {
  const { names, held } = theirs
  const differences: string[] = []
  let claims = 0
  for (const name of names) {
    const variable = ours.variables.get(name)
    if (variable?.kind === 'unknown' || (!variable && ours.openFrom)) continue
    claims++
    const value = held.values.get(name)
    const handedOn = variable && held.exported ? held.exported.has(name) === variable.exported : true
    if (value !== variable?.value || !handedOn)
      differences.push(
        `${JSON.stringify(text)}: ${name} is ${JSON.stringify(variable?.value)} to us and ${JSON.stringify(value)} to the reader`,
      )
  }
  return { differences, claims }
}
