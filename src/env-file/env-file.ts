/** What one reader makes of an environment file. */
export interface EnvFile {
  /**
   * By name, the last assignment of each. A name can be a fragment of a secret, where a value spills over its line:
   * show only those that are declared elsewhere.
   */
  readonly variables: ReadonlyMap<string, EnvVariable>
  /** In the order of the lines. */
  readonly problems: readonly EnvProblem[]
  /** Where the file runs what cannot be told without running it: further names may be set. */
  readonly openFrom?: { readonly line: number; readonly why: string }
}

export type EnvVariable = KnownVariable | UnknownVariable

export interface KnownVariable {
  readonly kind: 'known'
  /** Never to be shown. */
  readonly value: string
  /** Counted from 1: where the assignment begins. */
  readonly line: number
  /** Whether a program that is started afterwards inherits it: false for a shell's assignment without `export`. */
  readonly exported: boolean
}

/** The name is assigned, and its value cannot be told without running the file or knowing more of its reader. */
export interface UnknownVariable {
  readonly kind: 'unknown'
  readonly line: number
  readonly why: string
}

/** What its author will not have meant. */
export interface EnvProblem {
  readonly line: number
  readonly code: EnvProblemCode
  /** A sentence that holds no name and no value of the file. */
  readonly message: string
  /** What does not reach the program on account of it. */
  readonly lost: 'nothing' | 'line' | 'rest' | 'file'
  /** The name concerned, where there is one; see `EnvFile.variables` on showing it. */
  readonly variable?: string
}

export type EnvProblemCode =
  | 'export-dropped'
  | 'name-invalid'
  | 'no-assignment'
  | 'value-taken-literally'
  | 'duplicate'
  | 'quote-unclosed'
  | 'carriage-return'
  | 'byte-order-mark'
  | 'comment-continued'
  | 'syntax-error'
  | 'command'
  | 'file-refused'

/** Gathers what a reader finds while it walks through a file. */
export interface Collector {
  readonly variables: Map<string, EnvVariable>
  readonly problems: EnvProblem[]
  /** The last assignment of a name wins; that an earlier one is lost is a problem, unless both say the same. */
  assign(name: string, variable: EnvVariable): void
}

export const collect = (): Collector => {
  const variables = new Map<string, EnvVariable>()
  const problems: EnvProblem[] = []
  const assign = (name: string, variable: EnvVariable): void => {
    const earlier = variables.get(name)
    if (earlier) {
      const same = earlier.kind === 'known' && variable.kind === 'known' && earlier.value === variable.value
      problems.push({
        line: variable.line,
        code: 'duplicate',
        message: `the name is assigned again; the assignment on line ${earlier.line} is lost`,
        lost: same ? 'nothing' : 'line',
        variable: name,
      })
    }
    variables.set(name, variable)
  }
  return { variables, problems, assign }
}

/** What a reader that refuses a file leaves of it. */
export const refused = (line: number, message: string): EnvFile => ({
  variables: new Map(),
  problems: [{ line, code: 'file-refused', message, lost: 'file' }],
})
