/** A wrong command line. Exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
