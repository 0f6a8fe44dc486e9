/** Text that a subject must contain, or a regular expression that must match in it. */
export interface Matcher {
  /** As configured. */
  readonly text: string
  matches(subject: string): boolean
}

/**
 * Parses a matcher. `/…/` is a regular expression, with any of JavaScript's flags d, i, m, s, u and v after it. Anything
 * else is text. Undefined for a malformed expression.
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
