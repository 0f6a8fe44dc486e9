import type { DatabaseProblem } from './reasons.ts'
import { readText } from '../env-file/read-text.ts'
import { variableFrom } from '../env-file/variable-from.ts'
import type { DatabaseSource } from './database-source.ts'
import { orAborted } from './or-aborted.ts'
import { problemOf } from './problem.ts'

/** A URL that node-postgres takes, never to be shown, or why there is none. */
export type UrlAnswer =
  { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: DatabaseProblem }

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

/** `text` is all of a file: a password, and often a newline that is none of it. */
const addPassword = (url: string, text: string): string | undefined => {
  const password = text.replace(/\r?\n$/, '')
  if (password === '' || !password.isWellFormed()) return undefined
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`
}

const urlFromEnvFile = async ({
  env_file: path,
  variable,
  format,
}: Extract<DatabaseSource, { env_file: string }>): Promise<UrlAnswer> => {
  const answer = await variableFrom({ path, variable, ...(format && { dialect: format }) })
  return answer.ok ? parseUrl(answer.value, `${variable} in ${path}`) : unknown(answer.message)
}

const urlWithPassword = async ({
  url,
  password_file: path,
}: Extract<DatabaseSource, { url: string }>): Promise<UrlAnswer> => {
  const parsed = parseUrl(url, 'the URL of the database')
  if (!parsed.ok) return parsed
  const answer = await readText(path)
  if (!answer.ok) return unknown(answer.fault.message)
  const complete = addPassword(parsed.url, answer.text)
  return complete === undefined
    ? unknown(`${path} is empty or not UTF-8; expected the password of the database and nothing else`)
    : { ok: true, url: complete }
}

/** Finds out a database's URL, anew each time: a file may have been rewritten. Never throws. */
export const resolveUrl = async (source: DatabaseSource, signal: AbortSignal): Promise<UrlAnswer> => {
  if (typeof source === 'string') return parseUrl(source, 'the URL of the database')
  try {
    return await orAborted('url' in source ? urlWithPassword(source) : urlFromEnvFile(source), signal, 'file')
  } catch (error) {
    return { ok: false, problem: problemOf(error, 'the database') }
  }
}
