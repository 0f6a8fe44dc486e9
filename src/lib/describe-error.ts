/**
 * The class, code and place of an unexpected error, without its message. The message, and members such as the `input` of
 * ERR_INVALID_URL, may contain a password.
 */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const code = codeOf(error)
  const place = error.stack?.match(/^\s+at .*?([\w.-]+:\d+:\d+)\)?$/m)?.[1]
  return `${error.constructor.name}${code ? ` ${code}` : ''}${place ? ` at ${place}` : ''}`
}

/** The system's or Node's code of an error, for example ENOENT. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** The code of an error, or UNKNOWN. */
export const codeOrUnknown = (error: unknown): string => codeOf(error) ?? 'UNKNOWN'
