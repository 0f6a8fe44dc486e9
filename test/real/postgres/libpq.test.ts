import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { certificateFile, startPostgres } from '../../support/postgres.ts'

const PYTHON = '/usr/bin/python3'
const hasPsycopg = spawnSync(PYTHON, ['-c', 'import psycopg2']).status === 0

/** Whether libpq connects, and how; it reads no root.crt of a home. */
const byLibpq = (urls: readonly string[]): readonly string[] => {
  const { stdout } = spawnSync(PYTHON, [join(import.meta.dirname, 'connect_all.py')], {
    input: JSON.stringify(urls),
    encoding: 'utf8',
    env: { HOME: '/nonexistent', PATH: '/usr/bin:/bin' },
  })
  return JSON.parse(stdout)
}

const byUs = async (url: string): Promise<string> => {
  await using databases = createDatabases()
  const answer = await databases.query<{ ssl: boolean }>(url, {
    text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    signal: AbortSignal.timeout(5000),
  })
  if (!answer.ok) return 'refused'
  return answer.rows[0]?.ssl ? 'encrypted' : 'plain'
}

t.test(
  'libpq › each sslmode, at each kind of server, connects as psycopg does',
  { skip: !hasPsycopg && 'needs python3-psycopg2' },
  async t => {
    const access = `hostssl tls_only all all scram-sha-256
hostnossl plain_only all all scram-sha-256
host postgres all all scram-sha-256`
    await using encrypted = await startPostgres({
      tls: true,
      access,
      settings: { listen_addresses: '127.0.0.1,127.0.0.2' },
    })
    await using plain = await startPostgres()
    for (const name of ['tls_only', 'plain_only']) await encrypted.query(`create database ${name}`)
    const servers = [
      plain.url(),
      encrypted.url(),
      encrypted.url().replace('127.0.0.1', '127.0.0.2'),
      encrypted.url({ database: 'tls_only' }),
      encrypted.url({ database: 'plain_only' }),
      encrypted.url({ password: 'wrong' }),
      `postgres://postgres:only-for-tests@/postgres?host=${plain.socketDirectory}&port=${plain.port}`,
      `postgres://postgres:only-for-tests@127.0.0.1:1,127.0.0.1:${encrypted.port}/postgres`,
      `postgres://postgres:only-for-tests@/postgres?host=127.0.0.1,127.0.0.1&port=1,${plain.port}`,
    ]
    const parameters = [
      '',
      ...['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'].flatMap(mode => [
        `sslmode=${mode}`,
        `sslmode=${mode}&sslrootcert=${encodeURIComponent(certificateFile)}`,
      ]),
      'ssl=true',
      'sslmode=require&channel_binding=require',
      'channel_binding=require&sslmode=disable',
      'channel_binding=disable',
      'target_session_attrs=read-write',
      'target_session_attrs=standby',
      'options=-csearch_path%3Da',
    ]
    const urls = servers.flatMap(server =>
      parameters.map(query =>
        query === '' ? server : `${server}${server.includes('?') ? '&' : '?'}${query}`,
      ),
    )
    const expected = byLibpq(urls)
    const differences: string[] = []
    for (const [i, url] of urls.entries()) {
      const ours = await byUs(url)
      if (ours !== expected[i]) differences.push(`${url}: ${ours}, libpq ${expected[i]}`)
    }
    t.strictSame(differences, [])
    t.ok(new Set(expected).size === 3, 'all three outcomes are met')
  },
)
