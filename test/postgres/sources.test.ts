import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { postgresCheck } from '../../src/checks/postgres/postgres-check.ts'
import { createDatabases } from '../../src/postgres/databases.ts'
import type { DatabaseSource } from '../../src/postgres/database-source.ts'
import { loginOf } from '../../src/postgres/login-of.ts'
import { parseSource } from '../../src/postgres/parse-url.ts'
import { startPostgres } from '../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())
await postgres.query(`create schema staging; create table staging.here (); create table public.there ()`)

const { signal } = new AbortController()

const loginFrom = (text: string) => loginOf(parseSource(text), {})

const refusalOf = (text: string): string => {
  try {
    loginFrom(text)
    return 'none'
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

const at = (host: string, port = 5432) => ({ host, port })

t.test('sources › the URLs and words of the libraries mean the same login', async t => {
  const login = { user: 'app', password: 'pw', database: 'shop', addresses: [at('db', 6543)] }
  const texts = [
    'postgres://app:pw@db:6543/shop',
    'POSTGRESQL://app:pw@db:6543/shop',
    'postgresql+psycopg://app:pw@db:6543/shop',
    'postgresql+asyncpg://app:pw@db:6543/shop',
    'postgis://app:pw@db:6543/shop',
    'ecto://app:pw@db:6543/shop',
    'pgx5://app:pw@db:6543/shop',
    'timescale://app:pw@db:6543/shop',
    'cockroachdb://app:pw@db:6543/shop',
    'jdbc:postgresql://db:6543/shop?user=app&password=pw',
    'r2dbc:pool:postgresql://app:pw@db:6543/shop',
    'postgres:///shop?host=db&port=6543&user=app&password=pw',
    'host=db port=6543 dbname=shop user=app password=pw',
    "host = 'db' port=6543 dbname = shop user=app password='p\\w'",
    'Host=db;Port=6543;Database=shop;Username=app;Password=pw',
    'postgresql_psycopg2://app:pw@db:6543/shop',
    'postgresext+pool://app:pw@db:6543/shop',
    'asyncpg://app:pw@db:6543/shop',
    'pdo-pgsql://app:pw@db:6543/shop?serverVersion=16&charset=utf8',
    'pgsql:host=db;port=6543;dbname=shop;user=app;password=pw',
    'Server=db;Port=6543;Database=shop;User Id=app;Password="pw";',
  ]
  for (const text of texts) t.match(loginFrom(text), login, text)
})

t.test('sources › a password is taken as it is written', async t => {
  const cases = [
    ['postgres://app:p%40s%2Fs@db/shop', 'p@s/s'],
    ['postgres://app:a:b@db/shop', 'a:b'],
    ['postgres://app:a@b@db/shop', 'a@b'],
    ['postgres://app@db/shop?password=a+b', 'a+b'],
    [`host=db user=app password='it\\'s \\\\ it'`, `it's \\ it`],
    ['Host=db;Username=app;Password="a;b""c"', 'a;b"c'],
  ] as const
  for (const [text, password] of cases) t.equal(loginFrom(text).password, password, text)
})

t.test('sources › several hosts, in each of the forms', async t => {
  const hosts = [at('a', 5433), at('b', 5434)]
  for (const text of [
    'postgres://app@a:5433,b:5434/shop',
    'postgres://app@/shop?host=a,b&port=5433,5434',
    'postgresql+psycopg://app@/shop?host=a:5433&host=b:5434',
    'jdbc:postgresql://a:5433,b:5434/shop',
    'host=a,b port=5433,5434 dbname=shop',
  ])
    t.match(loginFrom(text), { addresses: hosts, database: 'shop' }, text)
  t.match(loginFrom('postgres://a,b/shop?port=7'), { addresses: [at('a', 7), at('b', 7)] })
  t.match(loginFrom('postgres://[::1]:7,[fe80::1]/shop'), { addresses: [at('::1', 7), at('fe80::1')] })
  t.match(loginFrom('postgres://%2Frun%2Fpostgresql/shop'), { addresses: [at('/run/postgresql')] })
  t.match(loginFrom('postgres://db/shop?hostaddr=10.0.0.1'), {
    addresses: [{ host: 'db', hostaddr: '10.0.0.1', port: 5432 }],
  })
  t.match(refusalOf('host=a,b port=1,2,3'), /2 hosts and 3 ports/)
  t.match(refusalOf('host=a:5432 dbname=shop'), /a host that has a port too/)
})

t.test('sources › ssl and sslmode', async t => {
  const modes = {
    '': 'prefer',
    'sslmode=require': 'require',
    'sslmode=require&sslrootcert=/ca': 'verify-ca',
    'sslrootcert=system': 'verify-full',
    'sslmode=no-verify&sslrootcert=/ca': 'require',
    'sslmode=verify-ca': 'verify-ca',
    'sslnegotiation=direct': 'require',
    'ssl=true': 'require',
    'ssl=require': 'require',
    'ssl=verify-full': 'verify-full',
    'ssl=0': 'disable',
    'ssl=true&sslmode=disable': 'disable',
    uselibpqcompat: 'prefer',
  }
  for (const [query, mode] of Object.entries(modes))
    t.equal(loginFrom(`postgres://db/shop?${query}`).tls.mode, mode, query)
  t.equal(loginFrom('jdbc:postgresql://db/shop?ssl=true').tls.mode, 'verify-full')
  const trusting = 'ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory'
  t.equal(loginFrom(`jdbc:postgresql://db/shop?${trusting}`).tls.mode, 'require')
  t.match(loginFrom('postgres://db/shop?ssl-mode=require&ssl-ca=/ca').tls, {
    mode: 'verify-ca',
    rootCert: '/ca',
  })
  t.equal(loginFrom('Host=db;SSL Mode=VerifyFull').tls.mode, 'verify-full')
})

t.test('sources › the schema that the app sees', async t => {
  const paths = {
    'search_path=staging,public': 'staging,public',
    'currentSchema=staging': 'staging',
    'schema=My"Schema': '"My""Schema"',
    'schema_search_path=staging,public': 'staging,public',
    'searchPath=staging': 'staging',
  }
  for (const [query, path] of Object.entries(paths))
    t.equal(loginFrom(`postgres://db/shop?${query}`).searchPath, path, query)
  t.equal(loginFrom('postgres://db/shop?options=-c+search_path%3Da').options, '-c search_path=a')
  t.equal(loginFrom('Host=db;SearchPath=staging').searchPath, 'staging')
  const sqlx = 'postgres://db/shop?options=-c%20a%3D1&options[search_path]=my%20schema&options%5Bb%5D=2'
  t.equal(loginFrom(sqlx).options, '-c a=1 -c search_path=my\\ schema -c b=2')
  t.equal(
    refusalOf('postgres://db/shop?default_schema=staging'),
    'has a parameter that may name a schema and is not known (default_schema); set schema beside it, or remove it',
  )
  t.equal(refusalOf('postgres://db/shop?default_schema=staging&schema=other'), 'none')
  t.equal(loginFrom('pgx5://db/shop?x-migrations-table=moved').migrationsTable, 'moved')
})

t.test('sources › a parameter is known, or named, or refused, and its value is never shown', async t => {
  const known =
    'pgbouncer=true&connection_limit=5&pool_timeout=2&prepareThreshold=0&x-multi-statement=true&pool_size=10&timezone=UTC'
  t.strictSame(loginFrom(`postgres://db/shop?${known}`).unknownParameters, [])
  t.strictSame(loginFrom('postgres://db/shop?tenant=s3cret&x=1').unknownParameters, [
    'tenant',
    '1 whose name may be a part of a secret',
  ])
  t.strictSame(loginFrom('postgres://db/shop?password=s3cret&rest').unknownParameters, [
    '1 whose name may be a part of a secret',
  ])
  for (const query of [
    'sslmode=s3cret',
    'ssl=s3cret',
    'require_auth=s3cret',
    'require_auth=md5,!s3cret',
    'channel_binding=s3cret',
    'target_session_attrs=s3cret',
    'targetServerType=s3cret',
    'sslnegotiation=s3cret',
    'port=s3cret',
  ]) {
    const said = refusalOf(`postgres://db/shop?${query}`)
    t.match(said, /one of|port/, query)
    t.notMatch(said, 's3cret')
  }
})

t.test('sources › what is no database is refused, and not shown', async t => {
  for (const text of [
    'mysql://u:s3cret@db/shop',
    'prisma+postgres://u:s3cret@db/shop',
    's3cret',
    'a=s3cret',
    'postgres:s3cret',
    'postgres://u:s3cret/1@db/shop',
    'postgres://u:s3cret@db:s3cret/shop',
    'postgres://u:s3cret%E0%A4@db/shop',
    'postgres://u:s3cret@d b/shop',
    'postgres://u:s3cret@[::1/shop',
    'host=db password=s3cret s3cret',
    "host=db password='s3cret",
    'Host=db;s3cret',
  ]) {
    const said = refusalOf(text)
    t.match(said, /^(?:is not|holds an @)/, text)
    t.notMatch(said, 's3cret')
  }
})

const ask = async (source: DatabaseSource, text = 'select 1 as one') => {
  await using databases = createDatabases()
  return await databases.query(source, { text, signal })
}

t.test('databases › names of variables, from several files, with any password', async t => {
  const dir = t.testdir()
  const [first, second] = [join(dir, 'one.env'), join(dir, 'two.env')]
  const password = `p@ss/w:o?r#d %&'`
  await postgres.query(`create role odd login password '${password.replaceAll("'", "''")}'`)
  await writeFile(first, `DB_HOST=127.0.0.1\nDB_PORT=1\nDB_NAME=postgres\nDB_USER=odd\n`)
  await writeFile(second, `DB_PORT=${postgres.port}\nDB_PASSWORD="${password}"\n`)
  const names = {
    host: 'DB_HOST',
    port: 'DB_PORT',
    user: 'DB_USER',
    password: 'DB_PASSWORD',
    name: 'DB_NAME',
  }
  t.match(await ask({ env_file: [first, second], ...names }, 'select current_user as name'), {
    ok: true,
    rows: [{ name: 'odd' }],
    place: { host: `127.0.0.1:${postgres.port}`, database: 'postgres', schema: 'public' },
  })
  t.match(await ask({ env_file: [second, first], ...names }), { problem: { reason: 'DATABASE_REFUSED' } })
  t.match(await ask({ env_file: first, ...names }), {
    problem: { reason: 'DATABASE_URL_UNKNOWN', cause: 'local', message: /one\.env does not set DB_PASSWORD/ },
  })
  const absent = { path: join(dir, 'three.env'), optional: true }
  t.match(await ask({ env_file: [first, second, absent], ...names }), { ok: true })
  t.match(await ask({ env_file: [first, second, absent.path], ...names }), {
    problem: { reason: 'DATABASE_URL_UNKNOWN', message: /three\.env does not exist/ },
  })
})

t.test('databases › a later file overrides the URL of an earlier one', async t => {
  const dir = t.testdir()
  const [base, override] = [join(dir, 'base'), join(dir, 'override')]
  const database = await postgres.createDatabase()
  await writeFile(base, `DATABASE_URL=${postgres.url()}\n`)
  await writeFile(override, `export DATABASE_URL=${postgres.url({ database })}?sslmode=prefer\n`)
  const env_file = [base, { path: override, format: 'shell' as const }]
  t.match(await ask({ env_file, variable: 'DATABASE_URL' }), { ok: true, place: { database } })
  await writeFile(override, `. /etc/elsewhere\n`)
  t.match(await ask({ env_file, variable: 'DATABASE_URL' }), {
    problem: { reason: 'DATABASE_URL_UNKNOWN', message: /may change it: it runs a shell builtin/ },
  })
})

t.test(
  'databases › schema, sslmode and host beside the files take the place of what the URL says',
  async t => {
    const path = join(t.testdir(), 'env')
    await writeFile(
      path,
      `DATABASE_URL=${postgres.url()}?schema=public&sslmode=verify-full\nWRONG=postgres://postgres:only-for-tests@nowhere.invalid:${postgres.port}/postgres\n`,
    )
    const source = { env_file: path, variable: 'DATABASE_URL' }
    const which = `select to_regclass('here') is not null as here, to_regclass('there') is not null as there`
    t.match(await ask(source), { problem: { reason: 'DATABASE_TLS_FAILED' } })
    t.match(await ask({ ...source, sslmode: 'disable' }, which), { rows: [{ here: false, there: true }] })
    t.match(await ask({ ...source, sslmode: 'disable', schema: 'staging' }, which), {
      rows: [{ here: true, there: false }],
      place: { schema: 'staging' },
    })
    t.match(await ask({ ...source, variable: 'WRONG', host: '127.0.0.1' }), { ok: true })
    t.match(await ask({ ...source, variable: 'WRONG', host: '127.0.0.1:1' }), {
      problem: { reason: 'DATABASE_REFUSED' },
    })
  },
)

t.test('databases › each way to name a schema is the one that is looked in, for the query alone', async t => {
  for (const query of [
    'schema=staging',
    'search_path=staging',
    'currentSchema=staging',
    'options=-csearch_path%3Dstaging',
  ])
    t.match(
      await ask(`${postgres.url()}?${query}`, `select to_regclass('here') is not null as here`),
      { rows: [{ here: true }], place: { schema: 'staging' } },
      query,
    )
  t.match(await ask(`${postgres.url()}?schema=nowhere`), { ok: true, place: { schema: null } })
  const injected = encodeURIComponent(`x\\', true); create table injected (); --`)
  t.match(await ask(`${postgres.url()}?search_path=${injected}`, `select to_regclass('injected') as it`), {
    problem: { reason: 'DATABASE_ERROR' },
  })
})

t.test('databases › of several hosts, the first that will do', async t => {
  await using standby = await startPostgres({ standby: true })
  const hosts = (parameters = '') =>
    `postgres://postgres:only-for-tests@127.0.0.1:1,127.0.0.1:${standby.port},127.0.0.1:${postgres.port}/postgres${parameters}`
  const inRecovery = 'select pg_is_in_recovery() as standby'
  t.match(await ask(hosts(), inRecovery), { rows: [{ standby: true }] })
  t.match(await ask(hosts('?target_session_attrs=read-write'), inRecovery), {
    rows: [{ standby: false }],
    place: { host: `127.0.0.1:${postgres.port}` },
  })
  t.match(await ask(hosts('?targetServerType=primary'), inRecovery), { rows: [{ standby: false }] })
  t.match(await ask(hosts('?target_session_attrs=prefer-standby'), inRecovery), { rows: [{ standby: true }] })
  t.match(await ask(`${standby.url()}?target_session_attrs=primary`), {
    problem: { reason: 'DATABASE_NOT_READY', message: /is not primary, which target_session_attrs asks for/ },
  })
  const wrong = hosts().replace('only-for-tests', 'wrong')
  t.match(await ask(wrong), {
    problem: { reason: 'DATABASE_AUTHENTICATION_FAILED', message: `${standby.port}` },
  })
})

t.test(
  'postgres › evidence names the place, and a parameter without a known meaning is a warning',
  async t => {
    await using databases = createDatabases()
    const run = (database: string) => postgresCheck.create({ database }, { databases }).run(signal)
    t.match(await run(`${postgres.url()}?connection_limit=1`), {
      status: 'pass',
      evidence: { host: `127.0.0.1:${postgres.port}`, database: 'postgres', schema: 'public' },
    })
    t.match(await run(`${postgres.url()}?tenant=x`), {
      status: 'warn',
      reason: 'DATABASE_PARAMETER_UNKNOWN',
      message: /does not know: tenant;/,
      evidence: { unknownParameters: ['tenant'] },
    })
  },
)
