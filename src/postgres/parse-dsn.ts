import { sourceRefusal } from './refusal.ts'
import type { Settings } from './settings.ts'

/** libpq's `host=db port=5432 password='it''s'` (manual, "Keyword/Value Connection Strings"). Throws a Refusal. */
export const parseKeyValues = (text: string): Settings => {
  const pair = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\']|\\.)*))(?:\s+|$)/sy
  const settings: (readonly [string, string])[] = []
  while (pair.lastIndex < text.trimEnd().length) {
    const match = pair.exec(text)
    if (match?.[1] === undefined)
      throw sourceRefusal(
        `is not well formed: word ${settings.length + 1} is not name=value; quote a value with '…'`,
      )
    settings.push([match[1], (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1')])
  }
  return settings
}

/** Npgsql's names for what libpq calls otherwise. */
const names: Readonly<Record<string, string>> = {
  server: 'host',
  database: 'dbname',
  'user id': 'user',
  userid: 'user',
  username: 'user',
  uid: 'user',
  'user name': 'user',
  pwd: 'password',
  'ssl mode': 'sslmode',
  'root certificate': 'sslrootcert',
  'ssl certificate': 'sslcert',
  'ssl key': 'sslkey',
  'search path': 'search_path',
  searchpath: 'search_path',
  'channel binding': 'channel_binding',
  timeout: 'connect_timeout',
  'target session attributes': 'target_session_attrs',
}

const nameOf = (key: string): string => names[key] ?? key.replaceAll(' ', '_')

/** Npgsql writes `VerifyFull` for libpq's `verify-full`. */
const spelled = (name: string, value: string): string =>
  name === 'sslmode' || name === 'target_session_attrs'
    ? value.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
    : value

/** Npgsql's `Host=db;Port=5432;Password="a;b"`. Throws a Refusal. */
export const parseSemicolons = (text: string): Settings => {
  const pair = /\s*(\w[\w ]*?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*))\s*(?:;|$)/sy
  const settings: (readonly [string, string])[] = []
  while (pair.lastIndex < text.trimEnd().length) {
    const match = pair.exec(text)
    if (match?.[1] === undefined)
      throw sourceRefusal(
        `is not well formed: part ${settings.length + 1} is not Name=value; quote a value with "…"`,
      )
    const name = nameOf(match[1].toLowerCase())
    const value =
      match[2]?.replaceAll('""', '"') ?? match[3]?.replaceAll("''", "'") ?? (match[4] ?? '').trim()
    settings.push([name, spelled(name, value)])
  }
  return settings
}
