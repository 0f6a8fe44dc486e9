/** A token of Python, as far as reading a literal needs it. */
export type Token =
  /** An identifier or keyword, in the normal form in which Python compares it (NFKC). */
  | { readonly type: 'name'; readonly text: string; readonly line: number }
  /** A string; `value` is absent where it is no plain text: bytes, or an escape that is not read here. */
  | { readonly type: 'string'; readonly value: string | undefined; readonly line: number }
  /** An f-string or t-string, with its source, as expressions run in it. */
  | { readonly type: 'template'; readonly text: string; readonly line: number }
  | { readonly type: 'number'; readonly line: number }
  | { readonly type: 'operator'; readonly text: string; readonly line: number }

/** A logical line: a statement, or several with semicolons, or the head of a block. */
export interface LogicalLine {
  /** Column of its first token, as Python counts it. */
  readonly indent: number
  readonly tokens: readonly Token[]
}
