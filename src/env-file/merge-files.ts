import type { EnvFile, EnvVariable } from './env-file.ts'

/** One environment file as its reader parses it. */
export interface SourceFile {
  readonly path: string
  readonly file: EnvFile
}

/**
 * Merges the files. A later file overrides an earlier one. A file that runs commands may change what earlier ones have
 * set, so those names become unknown.
 */
export const mergeFiles = (sources: readonly SourceFile[]): ReadonlyMap<string, EnvVariable> => {
  const merged = new Map<string, EnvVariable>()
  for (const { path, file } of sources) {
    if (file.openFrom) {
      const why = `${path}:${file.openFrom.line} may change it: ${file.openFrom.why}`
      for (const [name, { line }] of merged) merged.set(name, { kind: 'unknown', line, why })
    }
    for (const [name, variable] of file.variables) merged.set(name, variable)
  }
  return merged
}
