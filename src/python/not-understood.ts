/** The source is not Python, or uses Python that this program does not read. Callers of this folder catch it. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood'
  /** 1-based; absent if it concerns no single line. */
  readonly line: number | undefined

  constructor(message: string, line?: number) {
    super(message)
    this.line = line
  }
}
