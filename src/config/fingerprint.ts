import { createHash } from 'node:crypto'
import type { Config } from './config.ts'

/** A digest of a configuration without its secrets: a new password is not a new policy. */
export const fingerprintOf = ({ shown }: Config): string =>
  createHash('sha256').update(JSON.stringify(shown)).digest('hex')
