import type { ProcessEnv } from '../lib/process-env.ts'

/** `${NAME}` or `${NAME:-default}`; `$${` stands for a literal `${`. A default ends at the next `${`, so none nest. */
const REFERENCE = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^}$]|\$(?!\{))*))?\})?/g

export interface Interpolated {
  readonly text: string
  /** Names that are unset and have no default. */
  readonly unset: readonly string[]
  /** Whether there is a `${` that does not start a reference. */
  readonly malformed: boolean
  /** Whether the text would be longer than allowed. It is then not complete. */
  readonly tooLong: boolean
}

export interface InterpolateOptions {
  readonly env: ProcessEnv
  readonly maxLength: number
}

/** Fills in references to the environment. As in a shell, `:-` also replaces an empty variable. */
export const interpolate = (template: string, { env, maxLength }: InterpolateOptions): Interpolated => {
  const unset: string[] = []
  let malformed = false
  let length = template.length

  const valueOf = (name: string, fallback: string | undefined): string => {
    const value = env[name]
    if (fallback !== undefined) return value ? value : fallback
    if (value === undefined) unset.push(name)
    return value ?? ''
  }
  const text = template.replace(
    REFERENCE,
    (match, name: string | undefined, fallback: string | undefined) => {
      if (match === '$${') return '${'
      if (name === undefined) {
        malformed = true
        return match
      }
      const value = valueOf(name, fallback)
      length += value.length - match.length
      return length > maxLength ? '' : value
    },
  )
  return { text, unset, malformed, tooLong: length > maxLength }
}
