import type { DatabaseReason } from './reasons.ts'

/** This program's own verdict on a database or its source. Its words name no secret, so they may be shown. */
export class Refusal extends Error {
  readonly reason: DatabaseReason
  /** `says` follows the name of the database, or of the source, in a message. */
  constructor(reason: DatabaseReason, says: string, options?: ErrorOptions) {
    super(says, options)
    this.reason = reason
  }
}

/** A source that is not understood. `says` follows its origin: "DATABASE_URL in /etc/app/env". */
export const sourceRefusal = (says: string): Refusal => new Refusal('DATABASE_URL_UNKNOWN', says)
