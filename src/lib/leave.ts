import { accessSync, constants, fstatSync, openSync } from 'node:fs'

const STANDARD_STREAMS = [0, 1, 2]

/** execve(2) keeps the standard streams open, and Node's form of it wants all three of them. */
const openStandardStreams = (): void => {
  for (const fd of STANDARD_STREAMS)
    try {
      fstatSync(fd)
    } catch {
      // takes the lowest descriptor that is free, which is this one
      openSync('/dev/null', 'r+')
    }
}

/**
 * Ends the process. Not by process.exit() alone: that waits for every thread, and one may hang in a dead file system for
 * good. execve(2) ends them all.
 */
export const leave = (code: number): void => {
  try {
    // an upgrade may have taken Node away; Node ends by SIGABRT where execve(2) fails
    accessSync(process.execPath, constants.X_OK)
    openStandardStreams()
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exit(${code})`], {})
  } catch {
    // then it ends as usual
  }
  process.exit(code)
}
