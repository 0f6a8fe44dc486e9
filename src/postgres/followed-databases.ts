import type { QueryResultRow } from 'pg'
import type { DatabaseSource } from './database-source.ts'
import type { Databases } from './databases.ts'
import { createInterruptions } from './interruptions.ts'
import type { Place, Query, QueryAnswer } from './query.ts'

/** What one run of a check has met at its databases. */
export interface Followed {
  /** Where its last answer came from. */
  readonly place?: Place
  /** Names of parameters of its source whose meaning is not known. */
  readonly unknownParameters?: readonly string[]
  /** Whether a kept connection was cut since the run before. */
  readonly interrupted: boolean
}

/** Databases for one check, which follow what its runs meet. */
export interface FollowedDatabases {
  readonly databases: Databases
  begin(request: { readonly fresh: boolean }): void
  /** What the run since `begin` has met. */
  end(): Followed
}

/** The runs of a check never overlap, so that one run at a time is followed. */
export const followDatabases = (databases: Databases): FollowedDatabases => {
  const interruptions = createInterruptions()
  let fresh = false
  let followed: Followed = { interrupted: false }
  const query = async <Row extends QueryResultRow>(
    source: DatabaseSource,
    asked: Query,
  ): Promise<QueryAnswer<Row>> => {
    const answer = await databases.query<Row>(source, { ...asked, ...(fresh && { fresh }) })
    if (answer.ok)
      followed = {
        place: answer.place,
        unknownParameters: answer.unknownParameters,
        interrupted: interruptions.notice(answer.cuts) || followed.interrupted,
      }
    return answer
  }
  return {
    databases: { query, [Symbol.asyncDispose]: async () => {} },
    begin: request => {
      fresh = request.fresh
      followed = { interrupted: false }
    },
    end: () => followed,
  }
}
