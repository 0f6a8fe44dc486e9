/** A token of Python, in as much detail as reading a literal needs. */
export type Token =
  /** An identifier or keyword, normalized as Python compares it (NFKC). */
  | { readonly type: 'name'; readonly text: string; readonly line: number }
  /** A string. `value` is absent for bytes, and if this program does not read one of its escapes. */
  | { readonly type: 'string'; readonly value: string | undefined; readonly line: number }
  /** An f-string or t-string: its source, and the tokens of each expression in it. */
  | {
      readonly type: 'template'
      readonly text: string
      readonly expressions: readonly (readonly Token[])[]
      readonly line: number
    }
  | { readonly type: 'number'; readonly text: string; readonly line: number }
  | { readonly type: 'operator'; readonly text: string; readonly line: number }

/** A logical line: one statement, several with semicolons, or the head of a block. */
export interface LogicalLine {
  /** The column of its first token, as Python counts it. */
  readonly indent: number
  readonly tokens: readonly Token[]
}
