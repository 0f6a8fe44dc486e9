/** Text that a subject must contain, or a regular expression that must match in it. */
export interface Matcher {
  /** As configured. */
  readonly text: string
  matches(subject: string): boolean
}

/** Evaluates an expression. It may throw if that takes too long. */
export type Evaluate = (work: () => boolean) => boolean

/**
 * Parses a matcher. `/…/` is a regular expression, with any of JavaScript's flags d, i, m, s, u and v after it. Anything
 * else is text. Undefined for a malformed expression. An expression can take for ever: `evaluate` can limit it.
 */
export const parseMatcher = (text: string, evaluate: Evaluate = work => work()): Matcher | undefined => {
  const [, source, flags] = /^\/(.+)\/([dimsuv]*)$/s.exec(text) ?? []
  if (source === undefined) return { text, matches: subject => subject.includes(text) }
  try {
    const expression = new RegExp(source, flags)
    return { text, matches: subject => evaluate(() => expression.test(subject)) }
  } catch {
    return undefined
  }
}
