import { createHash } from 'node:crypto'

/** drizzle-orm/migrator.js: the SHA-256 of a migration's text, as it is in the table. */
export const drizzleHash = (text: string): string => createHash('sha256').update(text).digest('hex')
