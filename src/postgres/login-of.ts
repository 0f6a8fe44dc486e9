import { bindings, sessionKinds, sslModes } from './login.ts'
import type { Address, Login, SessionKind, SslMode, TlsSettings } from './login.ts'
import { mayNameSchema, unknownParameters } from './parameters.ts'
import { sourceRefusal } from './refusal.ts'
import type { Settings, Source } from './settings.ts'

type Lookup = (name: string) => string | undefined

/** libpq's variables for what a source leaves out (manual, "Environment Variables"). node-postgres reads the rest. */
const variables: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslnegotiation: 'PGSSLNEGOTIATION',
  channel_binding: 'PGCHANNELBINDING',
  require_auth: 'PGREQUIREAUTH',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  connect_timeout: 'PGCONNECT_TIMEOUT',
}

const oneOf = <Word extends string>(
  words: readonly Word[],
  { name, value }: { readonly name: string; readonly value: string },
): Word => {
  const word = words.find(known => known === value.toLowerCase())
  if (word === undefined) throw sourceRefusal(`has a ${name} that is not one of ${words.join(', ')}`)
  return word
}

const DEFAULT_PORT = 5432

const portOf = (text: string): number => {
  const port = text.trim() === '' ? DEFAULT_PORT : Number(/^\s*(\d{1,5})\s*$/.exec(text)?.[1] ?? NaN)
  if (!(port > 0 && port < 65_536))
    throw sourceRefusal('is not well formed: its port is not a number from 1 to 65535')
  return port
}

const isDirectory = (host: string): boolean => /^[/@]/.test(host)

const addressesOf = (get: Lookup): readonly Address[] => {
  const hosts = (get('host') ?? 'localhost').split(',').map(host => host.trim() || 'localhost')
  const hostaddrs = get('hostaddr')?.split(',') ?? []
  const ports = (get('port') ?? '').split(',')
  if (ports.length > 1 && ports.length !== hosts.length)
    throw sourceRefusal(
      `has ${hosts.length} hosts and ${ports.length} ports; give one port, or one for each host`,
    )
  return hosts.map((host, i) => {
    if (!isDirectory(host) && !/^[\w.:%-]+$/.test(host))
      throw sourceRefusal('is not well formed: its host is not a name or an address')
    if (/^[^:]+:\d+$/.test(host))
      throw sourceRefusal('has a host that has a port too; give the port by itself')
    const hostaddr = hostaddrs[i]?.trim()
    return { host, ...(hostaddr && { hostaddr }), port: portOf(ports[i] ?? ports[0] ?? '') }
  })
}

const YES = new Set(['true', '1', 'on', 'yes', ''])
const NO = new Set(['false', '0', 'off', 'no'])

/** node-postgres's word for `require`, which never verifies there. */
const NO_VERIFY = 'no-verify'

/** pgjdbc's factory that verifies nothing. */
const trustsAll = (get: Lookup): boolean => /(?:^|\.)NonValidatingFactory$/.test(get('sslfactory') ?? '')

/** `ssl=true` is `sslmode=require` to libpq, and `verify-full` to JDBC; asyncpg gives `ssl` the words of `sslmode`. */
const sslModeOf = (get: Lookup, isJdbc: boolean): SslMode => {
  const ssl = get('ssl')
  const mode = get('sslmode')
  const value = mode ?? ssl
  if (value === undefined) return 'prefer'
  if (value.toLowerCase() === NO_VERIFY) return 'require'
  if (mode !== undefined) return oneOf(sslModes, { name: 'sslmode', value: mode })
  if (YES.has(value.toLowerCase())) return isJdbc && !trustsAll(get) ? 'verify-full' : 'require'
  if (NO.has(value.toLowerCase())) return 'disable'
  return oneOf(sslModes, { name: 'value for ssl', value })
}

/** libpq: a named authority makes `require` verify. */
const strengthened = (mode: SslMode, get: Lookup): SslMode => {
  const verifies = get('sslrootcert') !== undefined && (get('sslmode') ?? get('ssl')) !== NO_VERIFY
  if (get('sslrootcert') === 'system') return 'verify-full'
  return mode === 'require' && verifies ? 'verify-ca' : mode
}

const tlsOf = (get: Lookup, isJdbc: boolean): TlsSettings => {
  const negotiation = oneOf(['postgres', 'direct'], {
    name: 'sslnegotiation',
    value: get('sslnegotiation') ?? 'postgres',
  })
  const given = sslModeOf(get, isJdbc)
  const mode = strengthened(given === 'prefer' && negotiation === 'direct' ? 'require' : given, get)
  const optional = {
    rootCert: get('sslrootcert'),
    cert: get('sslcert'),
    key: get('sslkey'),
    keyPassword: get('sslpassword'),
    minVersion: get('ssl_min_protocol_version'),
    maxVersion: get('ssl_max_protocol_version'),
  }
  return { mode, negotiation, ...present(optional) }
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

const present = <T extends object>(members: T): Present<T> =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is undefined has been left out
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>

const methods = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'] as const

const requireAuthOf = (get: Lookup): readonly string[] => {
  const words = (get('require_auth') ?? '').split(',').map(word => word.trim().toLowerCase())
  const named = words.filter(word => word !== '')
  for (const word of named) oneOf(methods, { name: 'require_auth', value: word.replace(/^!/, '') })
  const negated = named.filter(word => word.startsWith('!'))
  if (negated.length > 0 && negated.length < named.length)
    throw sourceRefusal('has a require_auth that both names and excludes methods; do one of the two')
  return negated.length > 0 ? methods.filter(method => !negated.includes(`!${method}`)) : named
}

/** JDBC's words. */
const servers: Readonly<Record<string, SessionKind>> = {
  primary: 'primary',
  master: 'primary',
  secondary: 'standby',
  slave: 'standby',
  prefersecondary: 'prefer-standby',
  preferslave: 'prefer-standby',
  preferprimary: 'any',
  any: 'any',
}

const sessionKindOf = (get: Lookup): SessionKind => {
  const jdbc = get('targetservertype')
  if (jdbc !== undefined) {
    const kind = servers[jdbc.toLowerCase()]
    if (kind === undefined)
      throw sourceRefusal(`has a targetServerType that is not one of ${Object.keys(servers).join(', ')}`)
    return kind
  }
  return oneOf(sessionKinds, { name: 'target_session_attrs', value: get('target_session_attrs') ?? 'any' })
}

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

/** Lists of schemas as SQL writes them: Go, JDBC, Rails, Knex. */
const SEARCH_PATHS = ['currentschema', 'search_path', 'schema_search_path', 'searchpath']

/** Prisma's `schema` is one name. */
const searchPathOf = (get: Lookup): string | undefined => {
  const schema = get('schema')
  return schema ? quoted(schema) : SEARCH_PATHS.map(get).find(path => path !== undefined)
}

/** sqlx's names for libpq's. */
const aliases: Readonly<Record<string, string>> = {
  'ssl-mode': 'sslmode',
  'ssl-root-cert': 'sslrootcert',
  'ssl-ca': 'sslrootcert',
  'ssl-cert': 'sslcert',
  'ssl-key': 'sslkey',
}

const connectTimeoutOf = (get: Lookup): number | undefined => {
  const seconds = Number(get('connect_timeout') ?? 0)
  return seconds > 0 ? seconds * 1000 : undefined
}

/** What a message may quote: names, and words from a closed list. */
const PUBLIC = new Set(
  (
    'host hostaddr port user username dbname database schema search_path currentschema ssl sslmode sslnegotiation ' +
    'channel_binding channelbinding require_auth target_session_attrs targetservertype'
  ).split(' '),
)

/** Shorter values, such as a number, would be found in any message. */
const MIN_SECRET_LENGTH = 4

const secretsOf = (settings: Settings): readonly string[] =>
  settings.flatMap(([key, value]) => {
    const name = key.toLowerCase()
    if (name === 'password') return value === '' ? [] : [value]
    return value.length < MIN_SECRET_LENGTH || PUBLIC.has(name) ? [] : [value]
  })

/** Tables would be looked for in the wrong schema, unless the configuration names one. */
const refuseSchemas = (parameters: readonly string[], byName: ReadonlyMap<string, string>): void => {
  const [name] = unknownParameters(parameters.filter(parameter => mayNameSchema(parameter.toLowerCase())))
  if (name !== undefined && !byName.has('schema'))
    throw sourceRefusal(
      `has a parameter that may name a schema and is not known (${name}); set schema beside it, or remove it`,
    )
}

/** What a source means. Throws a Refusal if a parameter is not understood. */
export const loginOf = ({ settings, parameters, isJdbc }: Source, env = process.env): Login => {
  const byName = new Map(
    settings.map(([name, value]) => [aliases[name.toLowerCase()] ?? name.toLowerCase(), value]),
  )
  refuseSchemas(parameters, byName)
  const get: Lookup = name => {
    const value = byName.get(name)
    if (value !== undefined && (value !== '' || name === 'ssl')) return value
    return env[variables[name] ?? ''] || undefined
  }
  const tls = tlsOf(get, isJdbc)
  const requireAuth = requireAuthOf(get)
  const user = get('user') ?? get('username') ?? env['PGUSER'] ?? env['USER']
  const optional = {
    user,
    password: get('password'),
    database: get('dbname') ?? get('database') ?? env['PGDATABASE'] ?? user,
    options: get('options'),
    searchPath: searchPathOf(get),
    migrationsTable: get('x-migrations-table'),
    connectTimeoutMs: connectTimeoutOf(get),
  }
  return {
    addresses: addressesOf(get),
    tls,
    sessionKind: sessionKindOf(get),
    requireAuth,
    allowsClearPassword:
      (tls.mode === 'disable' && (byName.has('sslmode') || byName.has('ssl'))) ||
      requireAuth.includes('password'),
    channelBinding: oneOf(bindings, {
      name: 'channel_binding',
      value: get('channel_binding') ?? get('channelbinding') ?? 'prefer',
    }),
    unknownParameters: unknownParameters(parameters),
    secrets: secretsOf(settings),
    ...present(optional),
  }
}
