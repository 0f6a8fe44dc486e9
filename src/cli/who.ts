import { userInfo } from 'node:os'
import type { ProcessEnv } from '../lib/process-env.ts'

const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    // a user id without a name
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Who runs this command, for the audit: the user, and behind `sudo` the user before it. */
export const who = ({ SUDO_USER }: ProcessEnv): string => {
  const user = userName()
  return SUDO_USER === undefined || SUDO_USER === '' || SUDO_USER === user ? user : `${SUDO_USER} as ${user}`
}
