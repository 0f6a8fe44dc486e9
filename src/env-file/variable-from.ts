import { defaultDialect } from './dialect.ts'
import type { Dialect } from './dialect.ts'
import { readEnvFile } from './read-env-file.ts'
import type { FileFault } from './read-text.ts'

/** One variable of one file. */
export interface VariableSource {
  readonly path: string
  /** Default: `defaultDialect`. */
  readonly dialect?: Dialect
  readonly variable: string
}

/** The value, which must never be shown, or why there is none. */
export type VariableAnswer =
  | { readonly ok: true; readonly value: string }
  | {
      readonly ok: false
      readonly code: FileFault['code'] | 'not-set' | 'empty' | 'not-known'
      /** A sentence that names the file and the variable. */
      readonly message: string
    }

/** Reads one variable from an environment file, as the app receives it. Never throws. */
export const variableFrom = async (source: VariableSource): Promise<VariableAnswer> => {
  const { path, dialect = defaultDialect, variable } = source
  const answer = await readEnvFile(path, dialect)
  if (!answer.ok) return { ok: false, ...answer.fault }

  const found = answer.file.variables.get(variable)
  if (!found) {
    const cause = answer.file.problems.find(
      problem => problem.variable === variable || problem.lost === 'file',
    )
    const because = cause ? `: line ${cause.line}: ${cause.message}` : ''
    return { ok: false, code: 'not-set', message: `${path} does not set ${variable}${because}` }
  }
  if (found.kind === 'unknown')
    return {
      ok: false,
      code: 'not-known',
      message: `${path} sets ${variable} on line ${found.line}, but ${found.why}`,
    }
  if (found.value.trim() === '')
    return { ok: false, code: 'empty', message: `${path} leaves ${variable} empty on line ${found.line}` }
  return { ok: true, value: found.value }
}
