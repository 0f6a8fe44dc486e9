const MAX_LENGTH = 200

/** A data exception quotes rows of the app's tables. */
const DATA_EXCEPTION = /^22/

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]+/gu

/** How a text can be written: as it is, or escaped for a URL. */
const writings = (secret: string): readonly string[] =>
  secret.isWellFormed() ? [secret, encodeURIComponent(secret)] : [secret]

/**
 * The server's own words about an error, as they may be shown: without control characters, truncated. Undefined if they
 * quote a secret, or may.
 */
export const serverWords = (error: unknown, secrets: readonly string[]): string | undefined => {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined
  if (DATA_EXCEPTION.test(String(error.code))) return undefined
  const words = error.message
  const isQuoted = (secret: string) => writings(secret).some(text => words.includes(text))
  if (secrets.some(isQuoted)) return undefined
  const plain = words.replace(CONTROL, ' ').trim()
  if (plain === '') return undefined
  return plain.length > MAX_LENGTH ? `${plain.slice(0, MAX_LENGTH)}…` : plain
}
