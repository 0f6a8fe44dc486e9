/**
 * An error's class, code and place in the code: all that may be shown of one that was not foreseen. Its message, and
 * members such as the `input` of ERR_INVALID_URL, may quote what it was given, passwords included.
 */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const code = codeOf(error)
  const place = error.stack?.match(/^\s+at .*?([\w.-]+:\d+:\d+)\)?$/m)?.[1]
  return `${error.constructor.name}${code ? ` ${code}` : ''}${place ? ` at ${place}` : ''}`
}

/** The system's or Node's code of an error, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** The same, for where something has to be said. */
export const codeOrUnknown = (error: unknown): string => codeOf(error) ?? 'UNKNOWN'
