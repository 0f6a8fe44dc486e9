import { createHash } from 'node:crypto'
import type { Config } from './config.ts'

/** A digest of a configuration as it is in force. Secrets are not in it: a new password is no new policy. */
export const fingerprintOf = ({ shown }: Config): string =>
  createHash('sha256').update(JSON.stringify(shown)).digest('hex')
