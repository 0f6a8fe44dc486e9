/** One thing that is wrong with a configuration. */
export interface Mistake {
  /** 1-based */
  readonly line: number
  /** 1-based */
  readonly column: number
  /** Where in the file, as a path of keys; empty for the file as a whole. */
  readonly path: string
  /** What was found, and what is expected. Never a value that may be a secret. */
  readonly message: string
}

/** A configuration that cannot be used, with all that is wrong with it. Exit code 78. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly file: string
  readonly mistakes: readonly Mistake[]

  constructor(file: string, mistakes: readonly Mistake[]) {
    super(mistakes.map(mistake => format(file, mistake)).join('\n'))
    this.file = file
    this.mistakes = mistakes
  }
}

const format = (file: string, { line, column, path, message }: Mistake): string =>
  `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`
