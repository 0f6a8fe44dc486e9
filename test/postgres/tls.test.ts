import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import t from 'tap'
import { createDatabases } from '../../src/postgres/databases.ts'
import { certificateFile, startPostgres } from '../support/postgres.ts'

const ENCRYPTED =
  'hostssl tls_only all all scram-sha-256\nhostnossl plain_only all all scram-sha-256\nhost postgres all all scram-sha-256'
const encrypted = await startPostgres({
  tls: true,
  access: ENCRYPTED,
  settings: { listen_addresses: '127.0.0.1,127.0.0.2' },
})
t.teardown(() => encrypted[Symbol.asyncDispose]())
const plain = await startPostgres()
t.teardown(() => plain[Symbol.asyncDispose]())
for (const name of ['tls_only', 'plain_only']) await encrypted.query(`create database ${name}`)

const authority = `sslrootcert=${encodeURIComponent(certificateFile)}`

/** Whether the session is encrypted, or why there is none. */
const ask = async (url: string): Promise<string> => {
  await using databases = createDatabases()
  const answer = await databases.query<{ ssl: boolean }>(url, {
    text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    signal: AbortSignal.timeout(10_000),
  })
  if (!answer.ok) return `${answer.problem.reason}: ${answer.problem.message}`
  return answer.rows[0]?.ssl ? 'encrypted' : 'plain'
}

t.test('sslmode › means what it means to libpq', async t => {
  const at = (host: string) => encrypted.url().replace('127.0.0.1', host)
  const cases = [
    [encrypted.url(), 'encrypted'],
    [plain.url(), 'plain'],
    [`${encrypted.url()}?sslmode=disable`, 'plain'],
    [`${encrypted.url()}?sslmode=allow`, 'plain'],
    [`${encrypted.url({ database: 'tls_only' })}?sslmode=allow`, 'encrypted'],
    [`${encrypted.url({ database: 'tls_only' })}?sslmode=prefer`, 'encrypted'],
    [`${encrypted.url({ database: 'plain_only' })}?sslmode=prefer`, 'plain'],
    [
      `${encrypted.url({ database: 'tls_only' })}?sslmode=disable`,
      /^DATABASE_AUTHENTICATION_FAILED.*pg_hba\.conf/,
    ],
    [`${encrypted.url({ database: 'plain_only' })}?sslmode=require`, /^DATABASE_AUTHENTICATION_FAILED/],
    [`${encrypted.url()}?sslmode=require`, 'encrypted'],
    [`${plain.url()}?sslmode=require`, /^DATABASE_TLS_FAILED.*offers no TLS/],
    [`${plain.url()}?sslmode=prefer`, 'plain'],
    [`${encrypted.url()}?sslmode=require&${authority}`, 'encrypted'],
    [`${encrypted.url()}?sslmode=verify-ca&${authority}`, 'encrypted'],
    [`${encrypted.url()}?sslmode=verify-full&${authority}`, 'encrypted'],
    [`${encrypted.url()}?sslmode=verify-ca`, /^DATABASE_TLS_FAILED.*not trusted here; name its authority/],
    [`${encrypted.url()}?sslmode=require&sslrootcert=system`, /^DATABASE_TLS_FAILED.*not trusted here/],
    [`${at('127.0.0.2')}?sslmode=verify-ca&${authority}`, 'encrypted'],
    [`${at('127.0.0.2')}?sslmode=verify-full&${authority}`, /^DATABASE_TLS_FAILED.*for another host name/],
    [`${at('localhost')}?sslmode=verify-full&${authority}&hostaddr=127.0.0.2`, 'encrypted'],
    [
      `${encrypted.url()}?sslmode=require&sslrootcert=/nowhere`,
      /^DATABASE_TLS_FAILED.*\(sslrootcert: missing\)/,
    ],
    [
      `${encrypted.url()}?sslmode=require&sslcert=${encodeURIComponent(certificateFile)}&sslkey=${encodeURIComponent(certificateFile)}`,
      /^DATABASE_TLS_FAILED.*cannot be used/,
    ],
    [`${encrypted.url()}?sslnegotiation=direct`, 'encrypted'],
    [`${encrypted.url()}?ssl=require`, 'encrypted'],
    [`${encrypted.url()}?ssl=prefer`, 'encrypted'],
    [`postgresql+asyncpg${encrypted.url().slice('postgres'.length)}?ssl=verify-full`, /^DATABASE_TLS_FAILED/],
    [`${encrypted.url()}?channel_binding=require`, 'encrypted'],
    [`${encrypted.url()}?channel_binding=disable`, 'encrypted'],
    [`${encrypted.url()}?channel_binding=require&sslmode=disable`, /^DATABASE_LOGIN_UNSAFE/],
    [`${encrypted.url()}?require_auth=scram-sha-256`, 'encrypted'],
    [`${encrypted.url()}?require_auth=md5`, /^DATABASE_LOGIN_UNSAFE/],
    [`${encrypted.url()}?ssl_min_protocol_version=TLSv1.3`, 'encrypted'],
    [
      `postgres://postgres:only-for-tests@/postgres?host=${plain.socketDirectory}&port=${plain.port}&sslmode=require`,
      'plain',
    ],
  ] as const
  for (const [url, expected] of cases) {
    const answer = await ask(url)
    const shown = url.replace(/.*\?/, '?')
    if (typeof expected === 'string') t.equal(answer, expected, shown)
    else t.match(answer, expected, shown)
    t.notMatch(answer, 'only-for-tests')
  }
})

t.test('sslrootcert › a bundle of authorities as large as those of clouds is read, to a limit', async t => {
  const file = join(t.testdir(), 'global-bundle.pem')
  const own = await readFile(certificateFile, 'utf8')
  const url = `${encrypted.url()}?sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}`
  const bundle = [...rootCertificates, ...rootCertificates, own].join('\n')
  t.ok(bundle.length > 300 * 1024)
  await writeFile(file, bundle)
  t.equal(await ask(url), 'encrypted')
  await writeFile(file, own.repeat(Math.ceil((1024 * 1024) / own.length) + 1))
  t.match(await ask(url), /^DATABASE_TLS_FAILED.*\(sslrootcert: too-large\)/)
})
