import { codeOf, describeError } from '../lib/describe-error.ts'

/** What to do about the system's code. */
const advice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it, or choose another address',
  EACCES: 'this user may not; choose a port above 1023, or `systemd`',
  EADDRNOTAVAIL: 'no interface of this host has that address; correct it',
  EINVAL: 'the path of a socket has at most 107 bytes; choose a shorter one',
  ENOTFOUND: 'nobody resolves that name; use an address',
}

const NO_PLACE = 'make its directory, and let this user write to it'

/** A sentence for whoever configured an address: why it cannot be listened on, and what to do. */
export const whyNotListening = (address: string, error: unknown): string => {
  const code = codeOf(error)
  // Node says so of a directory that does not exist too
  const isNoPlace = address.startsWith('unix:') && (code === 'EACCES' || code === 'ENOENT')
  const toDo = isNoPlace ? NO_PLACE : advice[code ?? '']
  return `cannot listen on ${address} (${code ?? describeError(error)})${toDo === undefined ? '' : `: ${toDo}`}`
}
