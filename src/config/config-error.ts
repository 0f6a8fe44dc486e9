/** One mistake in a configuration. */
export interface Mistake {
  /** 1-based */
  readonly line: number
  /** 1-based */
  readonly column: number
  /** The path of keys to the value; empty for the whole file. */
  readonly path: string
  /** What was found and what is expected. Never a value that may be secret. */
  readonly message: string
}

/** An invalid configuration, with all its mistakes. Exit code 78. */
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
