/** Raised inside this folder, and caught at its edge: the source is no Python, or Python of a kind that is not read. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood'
  /** 1-based; absent where it is no matter of one line. */
  readonly line: number | undefined

  constructor(message: string, line?: number) {
    super(message)
    this.line = line
  }
}
