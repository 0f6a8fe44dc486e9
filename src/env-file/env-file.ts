/** An environment file as one reader parses it. */
export interface EnvFile {
  /**
   * The last assignment of each name. A name can be a fragment of a secret, if a value spills onto the next line. Show
   * only names that are declared elsewhere.
   */
  readonly variables: ReadonlyMap<string, EnvVariable>
  /** Sorted by line. */
  readonly problems: readonly EnvProblem[]
  /** Set if the file runs something that cannot be predicted: it may set more names. */
  readonly openFrom?: { readonly line: number; readonly why: string }
}

export type EnvVariable = KnownVariable | UnknownVariable

export interface KnownVariable {
  readonly kind: 'known'
  /** Must never be shown. */
  readonly value: string
  /** The line where the assignment begins, counted from 1. */
  readonly line: number
  /** Whether a child process inherits it. False for a shell's assignment without `export`. */
  readonly exported: boolean
}

/** The name is assigned, but its value cannot be known without running the file. */
export interface UnknownVariable {
  readonly kind: 'unknown'
  readonly line: number
  readonly why: string
}

/** Something that the author of a file probably did not intend. */
export interface EnvProblem {
  readonly line: number
  readonly code: EnvProblemCode
  /** A sentence. It contains no name and no value from the file. */
  readonly message: string
  /** What the program does not receive because of it. */
  readonly lost: 'nothing' | 'line' | 'rest' | 'file'
  /** The name concerned, if any. For when it may be shown, see `EnvFile.variables`. */
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

/** Collects what a parser finds in a file. */
export interface Collector {
  readonly variables: Map<string, EnvVariable>
  readonly problems: EnvProblem[]
  /** The last assignment of a name wins. An earlier one with another value is a problem. */
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

/** The result for a file that its reader refuses as a whole. */
export const refused = (line: number, message: string): EnvFile => ({
  variables: new Map(),
  problems: [{ line, code: 'file-refused', message, lost: 'file' }],
})
