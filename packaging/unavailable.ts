/** This machine lacks something that a build needs. The message says what, and what to do. */
export class UnavailableError extends Error {}

/** EX_UNAVAILABLE of sysexits.h. */
const EXIT_CODE = 69

/** Ends a command that throws an UnavailableError with its message alone. */
export const endIfUnavailable = (command: string): void => {
  process.on('uncaughtException', error => {
    if (!(error instanceof UnavailableError)) throw error
    process.stderr.write(`${command}: ${error.message}\n`)
    process.exit(EXIT_CODE)
  })
}
