/** A command line that makes no sense. Exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
