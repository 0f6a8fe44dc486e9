import type { Problem } from '../core/finding.ts'
import { variableFrom } from '../env-file/variable-from.ts'
import type { DatabaseSource } from './database-source.ts'
import { orAborted } from './or-aborted.ts'
import { problemOf } from './problem.ts'

/** A URL that node-postgres takes, never to be shown, or why there is none. */
export type UrlAnswer =
  { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: Problem }

/** What Python's and Ruby's libraries take for Postgres as well, with the driver that SQLAlchemy lets one add. */
const SCHEME = /^(?:postgres|postgresql|postgis|pgsql|psql)(?:\+\w+)?:\/\//i

const unknown = (message: string): UrlAnswer => ({
  ok: false,
  problem: { status: 'unknown', reason: 'DATABASE_URL_UNKNOWN', message },
})

/** `origin` says where the text is from; of the text itself nothing is shown. */
const parseUrl = (text: string, origin: string): UrlAnswer => {
  const scheme = SCHEME.exec(text)?.[0]
  if (scheme === undefined) return unknown(`${origin} is not a Postgres URL: it must begin with postgres://`)
  const rest = text.slice(scheme.length)
  const afterAuthority = /[/?#].*/s.exec(rest)?.[0] ?? ''
  if (/[@#]/.test(afterAuthority))
    return unknown(
      `${origin} holds an @ or # after its host; write @ / ? # as %40 %2F %3F %23 in a user, a password or a name`,
    )
  return { ok: true, url: `postgres://${rest}` }
}

/** Finds out a database's URL, anew each time: a file may have been rewritten. Never throws. */
export const resolveUrl = async (source: DatabaseSource, signal: AbortSignal): Promise<UrlAnswer> => {
  if (typeof source === 'string') return parseUrl(source, 'the URL of the database')
  const { env_file: path, variable, format } = source
  try {
    const answer = await orAborted(
      variableFrom({ path, variable, ...(format && { dialect: format }) }),
      signal,
      'file',
    )
    return answer.ok ? parseUrl(answer.value, `${variable} in ${path}`) : unknown(answer.message)
  } catch (error) {
    return { ok: false, problem: problemOf(error, 'the database') }
  }
}
