/** Text that something must contain, or a regular expression that must match in it. */
export interface Matcher {
  /** As configured. */
  readonly text: string
  matches(subject: string): boolean
}

/**
 * Reads a matcher: a regular expression where it is written `/…/`, with any of JavaScript's flags d, i, m, s, u and v
 * after it, and else text. Undefined for a regular expression that is none.
 */
export const parseMatcher = (text: string): Matcher | undefined => {
  const [, source, flags] = /^\/(.+)\/([dimsuv]*)$/s.exec(text) ?? []
  if (source === undefined) return { text, matches: subject => subject.includes(text) }
  try {
    const expression = new RegExp(source, flags)
    return { text, matches: subject => expression.test(subject) }
  } catch {
    return undefined
  }
}
